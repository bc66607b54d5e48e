"""Who may call: bearer tokens and their scopes, seen by grpcio.

The server under test knows the tokens "token-of-reader", "token-of-writer", "token-of-late", which has
expired, and "token-of-slow", which may begin one call in a second.
"""

from support import NewsTest, PATIENCE, articles, grpc, news

from google.rpc import error_details_pb2, status_pb2
from grpc.health.v1 import health_pb2, health_pb2_grpc

UNAUTHENTICATED = grpc.StatusCode.UNAUTHENTICATED
PERMISSION_DENIED = grpc.StatusCode.PERMISSION_DENIED


def bearer(name):
    return [("authorization", f"Bearer token-of-{name}")]


class Tokens(NewsTest):
    def list_as(self, metadata):
        request = news.ListArticlesRequest(page_size=1)
        return self.stub.ListArticles(request, timeout=PATIENCE, metadata=metadata)

    def create_as(self, metadata, title):
        request = news.CreateArticleRequest(article=articles.Article(title=title, body="text"))
        return self.stub.CreateArticle(request, timeout=PATIENCE, metadata=metadata)

    def test_a_token_may_do_what_its_scopes_say(self):
        made = self.create_as(bearer("writer"), "by token")
        self.assertIn(made.name, [a.name for a in self.stub.ListArticles(
            news.ListArticlesRequest(page_size=100), timeout=PATIENCE, metadata=bearer("reader")).articles])

    def test_no_token_is_unauthenticated(self):
        for metadata in [[], [("authorization", "Basic YTpi")], [("authorization", "Bearer")],
                         [("authorization", "token-of-reader")], [("x-authorization", "Bearer token-of-reader")]]:
            with self.subTest(metadata):
                self.assert_fails(UNAUTHENTICATED, "TOKEN_MISSING", lambda: self.list_as(metadata))

    def test_a_wrong_token_is_unauthenticated(self):
        for value in ["Bearer wrong", "Bearer token-of-reader2", "Bearer token-of-reade", "Bearer TOKEN-OF-READER",
                      "Bearer nrpc_" + "A" * 43, "Bearer token-of-reader token-of-reader", "Bearer " + "x" * 4000]:
            with self.subTest(value[:40]):
                self.assert_fails(
                    UNAUTHENTICATED, "TOKEN_UNKNOWN", lambda: self.list_as([("authorization", value)]))
        twice = bearer("reader") + bearer("writer")
        self.assert_fails(UNAUTHENTICATED, "TOKEN_UNKNOWN", lambda: self.list_as(twice))

    def test_an_expired_token_is_unauthenticated(self):
        self.assert_fails(UNAUTHENTICATED, "TOKEN_EXPIRED", lambda: self.list_as(bearer("late")))

    def test_a_missing_scope_is_denied_whether_or_not_the_article_is_there(self):
        get = news.GetArticleRequest(name="articles/20260301-000000000000")
        self.assert_fails(
            PERMISSION_DENIED, "SCOPE_MISSING",
            lambda: self.stub.GetArticle(get, timeout=PATIENCE, metadata=bearer("writer")))
        self.assert_fails(
            grpc.StatusCode.NOT_FOUND, "ARTICLE_NOT_FOUND",
            lambda: self.stub.GetArticle(get, timeout=PATIENCE, metadata=bearer("reader")))
        self.assert_fails(PERMISSION_DENIED, "SCOPE_MISSING", lambda: self.create_as(bearer("reader"), "x"))

    def test_a_streamed_call_is_denied_before_its_first_message(self):
        never_read = iter([news.ImportArticlesRequest()])
        self.assert_fails(
            PERMISSION_DENIED, "SCOPE_MISSING",
            lambda: list(self.stub.ImportArticles(never_read, timeout=PATIENCE, metadata=bearer("reader"))))

    def test_health_is_open(self):
        health = health_pb2_grpc.HealthStub(self.channel)
        for metadata in [[], bearer("reader"), bearer("nobody")]:
            answer = health.Check(health_pb2.HealthCheckRequest(), timeout=PATIENCE, metadata=metadata)
            self.assertEqual(answer.status, health_pb2.HealthCheckResponse.SERVING)

    def test_a_call_that_comes_too_fast_is_told_when_to_come_again(self):
        with self.assertRaises(grpc.RpcError) as caught:
            for _ in range(50):
                self.list_as(bearer("slow"))
        error = caught.exception
        self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED, error.details())
        trailers = dict(error.trailing_metadata())
        status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
        retry = error_details_pb2.RetryInfo()
        self.assertTrue(any(detail.Unpack(retry) for detail in status.details), status)
        milliseconds = retry.retry_delay.ToMilliseconds()
        self.assertTrue(0 < milliseconds <= 1001, milliseconds)
        self.assertEqual(trailers.get("grpc-retry-pushback-ms"), str(milliseconds))
        # The other callers of the connection are not slowed down.
        for _ in range(5):
            self.list_as(bearer("reader"))
