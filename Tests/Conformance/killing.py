"""A server that is killed while articles change and move between shards: what was answered is there, once and whole."""

import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import threading
import unittest
import uuid

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
import grpc

from process import PROGRAM, Server

os.environ.setdefault("NEWSRPC_SERVER", "")
from support import PATIENCE, articles, news, news_service_pb2_grpc  # noqa: E402

ROUNDS = int(os.environ.get("NEWSRPC_KILLS", "4"))
SEED = int(os.environ.get("NEWSRPC_SEED", "0")) or random.randrange(1 << 32)
MONTHS = [f"2025-{month:02}-03T04:05:06Z" for month in (1, 3, 5, 7)]
# At first few shards exist: those made while the server runs are part of it.
NAMES = [f"articles/20250103-worker{number}" for number in range(5)] + ["articles/worker-5"]


def instant(text):
    time = Timestamp()
    time.FromJsonString(text)
    return time


def brief(article):
    """What tells one version from another."""
    return article and (article.title, article.etag, article.state, article.publish_time.ToJsonString())


class Worker:
    """Changes one article again and again, and remembers what was answered."""

    def __init__(self, name, number):
        self.name = name
        self.random = random.Random(SEED + number)
        self.count = 0
        self.answered = None
        self.pending = None

    def request(self):
        """The next change: mostly another version at another time, now and then a deletion, which the next reverses."""
        self.count += 1
        more = dict(request_id=str(uuid.UUID(int=self.random.getrandbits(128))))
        if self.answered and self.answered.state == articles.ARTICLE_STATE_DELETED:
            return news.UndeleteArticleRequest(name=self.name, **more)
        if self.answered and self.count % 5 == 0:
            return news.DeleteArticleRequest(name=self.name, **more)
        article = articles.Article(
            name=self.name, title=f"version {self.count}", body=f"body {self.count} " * 500,
            publish_time=instant(self.random.choice(MONTHS)))
        return news.UpdateArticleRequest(
            article=article, update_mask=FieldMask(paths=["title", "body", "publish_time"]), allow_missing=True, **more)

    def send(self, stub):
        method = type(self.pending).__name__.removesuffix("Request")
        self.answered = getattr(stub, method)(self.pending, timeout=PATIENCE)
        self.pending = None

    def has_made(self, found):
        """Whether the article is what the pending change makes of it, and whole."""
        if isinstance(self.pending, news.UpdateArticleRequest):
            wanted = self.pending.article
            return all(getattr(found, field) == getattr(wanted, field) for field in ["title", "body", "publish_time"])
        is_deleted = isinstance(self.pending, news.DeleteArticleRequest)
        return (found.state == articles.ARTICLE_STATE_DELETED) == is_deleted and found.body == self.answered.body

    def run(self, stub, progress):
        try:
            while True:
                self.pending = self.request()
                self.send(stub)
                progress.release()
        except grpc.RpcError:
            progress.release()


class Killing(unittest.TestCase):
    def check(self, folder):
        outcome = subprocess.run(
            [PROGRAM, "check", str(pathlib.Path(folder, "store"))], capture_output=True, text=True, timeout=60)
        self.assertEqual(outcome.returncode, 0, f"{outcome.stdout} {outcome.stderr} (NEWSRPC_SEED={SEED})")

    def expect(self, stub, worker):
        """The last answer is there; or what was on its way, as a whole. Repeated, it is done, and once."""
        hint = f"{worker.name} (NEWSRPC_SEED={SEED})"
        if worker.answered is None and worker.pending is None:
            return
        found = None
        try:
            found = stub.GetArticle(news.GetArticleRequest(name=worker.name), timeout=PATIENCE)
        except grpc.RpcError as error:
            self.assertEqual(error.code(), grpc.StatusCode.NOT_FOUND, hint)
            self.assertIsNone(worker.answered, hint)
        if found and found != worker.answered:
            hint = f"{hint}: found {brief(found)}, answered {brief(worker.answered)}"
            self.assertTrue(worker.pending and worker.has_made(found), hint)
        if worker.pending:
            is_done = found is not None and found != worker.answered
            worker.send(stub)
            if is_done:
                self.assertEqual(worker.answered, found, hint)
        page = stub.ListArticles(news.ListArticlesRequest(page_size=1000, show_deleted=True), timeout=PATIENCE)
        self.assertEqual([a.name for a in page.articles].count(worker.name), 1, hint)

    def test_what_was_answered_is_there_once_after_every_kill(self):
        folder = tempfile.mkdtemp(prefix="newsrpc-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        workers = [Worker(name, number) for number, name in enumerate(NAMES)]
        choice = random.Random(SEED)
        for _ in range(ROUNDS):
            server = Server(folder=folder)
            self.addCleanup(server.process.kill)  # Also when something is found before.
            channel = grpc.insecure_channel(
                server.address, [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)])
            stub = news_service_pb2_grpc.NewsServiceStub(channel)
            for worker in workers:
                self.expect(stub, worker)
            progress = threading.Semaphore(0)
            threads = [threading.Thread(target=w.run, args=(stub, progress)) for w in workers]
            for thread in threads:
                thread.start()
            for _ in range(choice.randrange(20, 120)):
                self.assertTrue(progress.acquire(timeout=PATIENCE))
            server.process.kill()
            server.wait()
            for thread in threads:
                thread.join(PATIENCE)
            channel.close()
            server.process.stdout.close()
            server.log_file.close()
            self.check(folder)
