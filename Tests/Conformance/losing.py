"""What a kill loses of views and reactions, and what a stop loses: views of the last second, and nothing."""

import os
import shutil
import tempfile
import threading
import time
import unittest

import grpc

from patience import patience
from process import Server

os.environ.setdefault("NEWSRPC_SERVER", "")
from support import PATIENCE, articles, news, news_service_pb2_grpc  # noqa: E402
from news.v1 import engagement_service_pb2 as engagement  # noqa: E402
from news.v1 import engagement_service_pb2_grpc  # noqa: E402

# What a crash may cost in time, and as much again for a machine that has other things to do.
WINDOW = patience(2)


class Reader:
    """Views and likes one article again and again, and remembers what was answered, and when."""

    def __init__(self, address, name):
        self.name = name
        self.channel = grpc.insecure_channel(
            address, [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)])
        self.stub = engagement_service_pb2_grpc.EngagementServiceStub(self.channel)
        self.sent = 0
        self.answered = []  # When, and how many views by then.
        self.likes = 0
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            while True:
                self.sent += 1
                views = [engagement.ViewDelta(name=self.name, view_count=1)]
                self.stub.RecordViews(engagement.RecordViewsRequest(views=views), timeout=PATIENCE)
                self.answered.append((time.monotonic(), self.sent))
                if self.sent % 50 == 0:
                    self.stub.AddReaction(
                        engagement.AddReactionRequest(
                            name=self.name, kind=engagement.REACTION_KIND_LIKE, actor=f"actor-{self.likes}"),
                        timeout=PATIENCE)
                    self.likes += 1
        except grpc.RpcError:
            pass

    def wait(self, seconds):
        """Until so much time lies between the first answer and the last, by the answers themselves."""
        deadline = time.monotonic() + seconds + PATIENCE
        while not self.answered or self.answered[-1][0] - self.answered[0][0] < seconds:
            if time.monotonic() > deadline or not self.thread.is_alive():
                raise AssertionError(f"{len(self.answered)} answers")
            self.thread.join(0.01)

    def end(self):
        self.thread.join(PATIENCE)
        self.channel.close()

    def views_before(self, moment):
        return max([count for when, count in self.answered if when <= moment], default=0)


class Losing(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="newsrpc-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def serve(self):
        server = Server(folder=self.folder)
        self.addCleanup(server.log_file.close)
        self.addCleanup(server.process.stdout.close)
        self.addCleanup(server.process.wait)
        self.addCleanup(server.process.kill)
        return server

    def article(self, server):
        with grpc.insecure_channel(server.address, [("grpc.enable_http_proxy", 0)]) as channel:
            request = news.CreateArticleRequest(article_id="read-by-all", article=articles.Article(title="read"))
            return news_service_pb2_grpc.NewsServiceStub(channel).CreateArticle(request, timeout=PATIENCE).name

    def stats(self, server, name):
        with grpc.insecure_channel(server.address, [("grpc.enable_http_proxy", 0)]) as channel:
            stub = engagement_service_pb2_grpc.EngagementServiceStub(channel)
            return stub.GetArticleStats(engagement.GetArticleStatsRequest(name=name), timeout=PATIENCE)

    def test_a_kill_loses_views_of_the_last_second_and_no_reactions(self):
        server = self.serve()
        name = self.article(server)
        reader = Reader(server.address, name)
        reader.wait(WINDOW + 1)
        moment = time.monotonic()
        server.process.kill()
        server.wait()
        reader.end()
        stats = self.stats(self.serve(), name)
        self.assertGreaterEqual(stats.view_count, reader.views_before(moment - WINDOW))
        self.assertGreater(stats.view_count, 0)
        self.assertLessEqual(stats.view_count, reader.sent)
        self.assertIn(stats.like_count, [reader.likes, reader.likes + 1])

    def test_a_stop_loses_nothing(self):
        server = self.serve()
        name = self.article(server)
        reader = Reader(server.address, name)
        reader.wait(0.2)
        server.process.terminate()
        self.assertEqual(server.process.wait(PATIENCE), 0)
        reader.end()
        stats = self.stats(self.serve(), name)
        # The last of what was sent may have been counted without an answer that arrived.
        self.assertIn(stats.view_count, [len(reader.answered), reader.sent])
        self.assertIn(stats.like_count, [reader.likes, reader.likes + 1])
