"""What the conformance tests share: the server's address, stubs and error details.

The server under test is at NEWSRPC_SERVER, on an empty store of the zone Asia/Shanghai.
"""

import os
import pathlib
import sys
import unittest

import grpc

from patience import patience

GENERATED = pathlib.Path(os.environ["NEWSRPC_GENERATED"])
SAMPLES = pathlib.Path(os.environ["NEWSRPC_SAMPLES"])
SERVER = os.environ["NEWSRPC_SERVER"]

# grpcio is itself a package named grpc: the generated grpc.health.v1 is added to it.
sys.path.insert(0, str(GENERATED))
grpc.__path__.append(str(GENERATED / "grpc"))

from google.rpc import error_details_pb2, status_pb2  # noqa: E402
from news.v1 import article_pb2 as articles  # noqa: E402
from news.v1 import news_service_pb2 as news  # noqa: E402
from news.v1 import news_service_pb2_grpc  # noqa: E402

LISTING = SAMPLES / "003_59471dc68994d382.txt"
DAMAGED = SAMPLES / "000_da504fa7611e0768.txt"

# A call that takes longer has failed.
PATIENCE = patience(30)


def open_channel(options=()):
    return grpc.insecure_channel(SERVER, options=[("grpc.enable_http_proxy", 0), *options])


def error_info(error):
    """The ErrorInfo of a failed call, after a check that the details repeat the status."""
    details = dict(error.trailing_metadata()).get("grpc-status-details-bin")
    assert details is not None, f"{error.code()} without details: {error.details()}"
    status = status_pb2.Status.FromString(details)
    assert status.code == error.code().value[0], f"{status} does not repeat {error.code()}"
    assert status.message == error.details(), f"{status} does not repeat {error.details()!r}"
    for detail in status.details:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return info
    raise AssertionError(f"no ErrorInfo in {status}")


class NewsTest(unittest.TestCase):
    """A test with a channel and a stub of its own class."""

    samples_imported = False

    @classmethod
    def setUpClass(cls):
        cls.channel = open_channel()
        cls.stub = news_service_pb2_grpc.NewsServiceStub(cls.channel)
        if cls.samples_imported:
            cls.import_all([capture_of(DAMAGED), capture_of(LISTING)])

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()

    @classmethod
    def import_all(cls, requests):
        for sequence, request in enumerate(requests, 1):
            request.sequence = sequence
        return list(cls.stub.ImportArticles(iter(requests), timeout=PATIENCE))

    def assert_fails(self, code, reason, call):
        """Runs `call`, which must fail so; gives back the error."""
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        error = caught.exception
        self.assertEqual(error.code(), code, error.details())
        info = error_info(error)
        self.assertEqual(info.domain, "news.v1")
        self.assertEqual(info.reason, reason, error.details())
        return error

    def get(self, name, view=articles.ARTICLE_VIEW_UNSPECIFIED):
        return self.stub.GetArticle(news.GetArticleRequest(name=name, view=view), timeout=PATIENCE)

    def list(self, **fields):
        return self.stub.ListArticles(news.ListArticlesRequest(**fields), timeout=PATIENCE)

    def create(self, article_id="", request_id="", validate_only=False, require_channel=False, **fields):
        request = news.CreateArticleRequest(
            article_id=article_id, request_id=request_id, validate_only=validate_only,
            require_channel=require_channel, article=articles.Article(**fields))
        return self.stub.CreateArticle(request, timeout=PATIENCE)


def capture_of(path):
    capture = articles.Capture(content=path.read_bytes(), file_name=path.name)
    return news.ImportArticlesRequest(capture=capture)


__all__ = [
    "DAMAGED", "GENERATED", "LISTING", "PATIENCE", "SERVER", "NewsTest", "articles", "capture_of", "error_info",
    "grpc", "news", "open_channel",
]
