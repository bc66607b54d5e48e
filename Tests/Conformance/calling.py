"""What holds for every call: statuses, deadlines, metadata, many calls at once, health."""

import concurrent.futures
import threading

from support import NewsTest, PATIENCE, articles, grpc, news, open_channel

from grpc.health.v1 import health_pb2, health_pb2_grpc

GET = "/news.v1.NewsService/GetArticle"


def raw(channel, method):
    """A unary call of bytes."""
    return channel.unary_unary(method, request_serializer=bytes, response_deserializer=bytes)


class Calling(NewsTest):
    samples_imported = True

    def code_of(self, call):
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        return caught.exception.code()

    def test_unknown_methods_are_unimplemented(self):
        for method in ["/news.v1.NewsService/Nothing", "/no.Service/GetArticle", "/x", "/a/b/c"]:
            with self.subTest(method):
                code = self.code_of(lambda: raw(self.channel, method)(b"", timeout=PATIENCE))
                self.assertEqual(code, grpc.StatusCode.UNIMPLEMENTED)

    def test_an_undecodable_request_is_internal(self):
        for request in [b"\x0a\x05ab", b"\xff\xff\xff", b"\x0a\x01\xff"]:
            with self.subTest(request):
                code = self.code_of(lambda: raw(self.channel, GET)(request, timeout=PATIENCE))
                self.assertEqual(code, grpc.StatusCode.INTERNAL)

    def test_an_unknown_field_is_no_error(self):
        name = self.list(page_size=1).articles[0].name
        request = news.GetArticleRequest(name=name).SerializeToString() + b"\xa2\x06\x03new"
        answer = raw(self.channel, GET)(request, timeout=PATIENCE)
        self.assertEqual(articles.Article.FromString(answer).name, name)

    def test_a_request_over_4_mib_is_refused_and_the_connection_lives_on(self):
        code = self.code_of(lambda: raw(self.channel, GET)(b"\x0a" + bytes(4 << 20), timeout=PATIENCE))
        self.assertEqual(code, grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertEqual(len(self.list(page_size=1).articles), 1)

    def test_an_import_that_nobody_feeds_ends_at_its_deadline(self):
        never = threading.Event()

        def requests():
            never.wait(PATIENCE)
            yield news.ImportArticlesRequest()

        code = self.code_of(lambda: list(self.stub.ImportArticles(requests(), timeout=0.2)))
        never.set()
        self.assertEqual(code, grpc.StatusCode.DEADLINE_EXCEEDED)

    def test_metadata_of_the_client_is_taken(self):
        metadata = [("x-text", "value"), ("x-more", "a, b"), ("x-octets-bin", bytes(range(256)))]
        page = self.stub.ListArticles(news.ListArticlesRequest(page_size=1), timeout=PATIENCE, metadata=metadata)
        self.assertEqual(len(page.articles), 1)

    def test_metadata_over_the_limit_is_refused(self):
        metadata = [("x-large", "v" * 20_000)]
        code = self.code_of(
            lambda: self.stub.ListArticles(news.ListArticlesRequest(), timeout=PATIENCE, metadata=metadata))
        self.assertEqual(code, grpc.StatusCode.RESOURCE_EXHAUSTED)

    def test_compressed_requests_are_read(self):
        for compression in [grpc.Compression.Gzip, grpc.Compression.Deflate]:
            with self.subTest(compression):
                request = news.ListArticlesRequest(page_size=1, since="x" * 5000)
                code = self.code_of(
                    lambda: self.stub.ListArticles(request, timeout=PATIENCE, compression=compression))
                self.assertEqual(code, grpc.StatusCode.INVALID_ARGUMENT)
                page = self.stub.ListArticles(
                    news.ListArticlesRequest(page_size=1), timeout=PATIENCE, compression=compression)
                self.assertEqual(len(page.articles), 1)

    def test_many_calls_share_a_connection(self):
        names = [a.name for a in self.list(page_size=100).articles]
        calls = [(n, self.stub.GetArticle.future(news.GetArticleRequest(name=n), timeout=PATIENCE))
                 for n in names * 100]
        for name, call in calls:
            self.assertEqual(call.result().name, name)

    def test_many_connections_are_served_at_once(self):
        channels = [open_channel([("grpc.use_local_subchannel_pool", 1)]) for _ in range(32)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            checks = list(pool.map(
                lambda c: health_pb2_grpc.HealthStub(c).Check(health_pb2.HealthCheckRequest(), timeout=PATIENCE),
                channels))
        for channel in channels:
            channel.close()
        self.assertEqual({c.status for c in checks}, {health_pb2.HealthCheckResponse.SERVING})


class Health(NewsTest):
    def setUp(self):
        self.health = health_pb2_grpc.HealthStub(self.channel)

    def test_the_server_and_its_service_are_serving(self):
        for service in ["", "news.v1.NewsService"]:
            answer = self.health.Check(health_pb2.HealthCheckRequest(service=service), timeout=PATIENCE)
            self.assertEqual(answer.status, health_pb2.HealthCheckResponse.SERVING)

    def test_an_unknown_service_is_not_found(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.health.Check(health_pb2.HealthCheckRequest(service="no.Service"), timeout=PATIENCE)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_all_services_are_listed(self):
        statuses = self.health.List(health_pb2.HealthListRequest(), timeout=PATIENCE).statuses
        self.assertLessEqual({"", "news.v1.NewsService"}, set(statuses))
        self.assertEqual({s.status for s in statuses.values()}, {health_pb2.HealthCheckResponse.SERVING})
