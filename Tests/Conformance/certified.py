"""Who may call: client certificates and the scopes of their names, seen by grpcio.

The server under test asks for certificates. Its token file maps the URI of "client" to articles.write and the DNS name
of "reader-client" to articles.read; "unknown-client" has a name that nobody has, and the common name of "client". The
token "token-of-token" may read.
"""

import unittest

from secure import first_page, open_channel
from support import PATIENCE, articles, error_info, grpc, news
from news.v1 import news_service_pb2_grpc

from grpc.health.v1 import health_pb2, health_pb2_grpc

PERMISSION_DENIED = grpc.StatusCode.PERMISSION_DENIED


def create(channel):
    stub = news_service_pb2_grpc.NewsServiceStub(channel)
    article = articles.Article(title="by certificate", body="text")
    return stub.CreateArticle(news.CreateArticleRequest(article=article), timeout=PATIENCE)


class Certified(unittest.TestCase):
    def assert_denied(self, reason, call):
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        self.assertEqual(caught.exception.code(), PERMISSION_DENIED, caught.exception.details())
        info = error_info(caught.exception)
        self.assertEqual((info.reason, info.domain), (reason, "news.v1"))
        return info

    def test_a_certificate_may_do_what_the_scopes_of_its_names_say(self):
        with open_channel(client="client") as channel:
            self.assertTrue(create(channel).name)
            info = self.assert_denied("SCOPE_MISSING", lambda: first_page(channel))
            self.assertEqual(dict(info.metadata), {"scope": "articles.read", "caller": "importer"})
        with open_channel(client="reader-client") as channel:
            self.assertTrue(first_page(channel).articles)
            info = self.assert_denied("SCOPE_MISSING", lambda: create(channel))
            self.assertEqual(dict(info.metadata), {"scope": "articles.write", "caller": "reader"})

    def test_a_certificate_that_names_nobody_is_denied(self):
        with open_channel(client="unknown-client") as channel:
            self.assert_denied("CERTIFICATE_UNKNOWN", lambda: first_page(channel))
            self.assert_denied("CERTIFICATE_UNKNOWN", lambda: create(channel))
            # The connection is as good as any other: open methods, and whoever shows a token.
            health = health_pb2_grpc.HealthStub(channel)
            answer = health.Check(health_pb2.HealthCheckRequest(), timeout=PATIENCE)
            self.assertEqual(answer.status, health_pb2.HealthCheckResponse.SERVING)
            stub = news_service_pb2_grpc.NewsServiceStub(channel)
            stub.ListArticles(
                news.ListArticlesRequest(), timeout=PATIENCE, metadata=[("authorization", "Bearer token-of-token")])

    def test_without_a_certificate_there_is_no_connection(self):
        for client in [None, "stray-client"]:
            with self.subTest(client), open_channel(client=client) as channel:
                with self.assertRaises(grpc.RpcError) as caught:
                    first_page(channel)
                self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)


if __name__ == "__main__":
    unittest.main()
