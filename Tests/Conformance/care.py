"""How the server looks after connections and ends them (rows C6 to C12), and its health."""

import os
import signal
import struct
import threading
import time
import unittest

import grpc

from frames import (
    ACK, CHECK, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, IMPORT, LAST_STREAM, NO_ERROR, PING, WATCH, Peer, frame,
    message, request_block)
from patience import patience
from process import eventually, running

os.environ.setdefault("NEWSRPC_SERVER", "")
from support import articles, news, news_service_pb2_grpc  # noqa: E402
from grpc.health.v1 import health_pb2, health_pb2_grpc  # noqa: E402

SERVING, NOT_SERVING, SERVICE_UNKNOWN = 1, 2, 3
PATIENCE = patience(30)


def channel_to(server):
    return grpc.insecure_channel(server.address, [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)])


class Connections(unittest.TestCase):
    def test_c11_a_silent_peer_is_pinged_and_given_up(self):
        with running("--keepalive-time", "200ms", "--keepalive-timeout", "200ms") as server:
            with Peer(server.address) as peer:
                peer.call(1, WATCH)
                self.assertIsNotNone(peer.wait_for(lambda kind, flags, *_: kind == PING and not flags & ACK))
                self.assertTrue(peer.wait_for_close())

    def test_c11_a_peer_that_answers_pings_stays(self):
        with running("--keepalive-time", "100ms", "--keepalive-timeout", "5s") as server:
            with Peer(server.address) as peer:
                for _ in range(5):
                    ping = peer.wait_for(lambda kind, flags, *_: kind == PING and not flags & ACK)
                    peer.send(frame(PING, ACK, 0, ping[3]))
                peer.call(1)
                self.assertIsNotNone(peer.trailers(1))

    def test_c8_c11_an_idle_connection_goes_in_two_steps(self):
        with running("--connection-idle-max", "200ms") as server, Peer(server.address) as peer:
            peer.call(1)
            self.assertEqual(peer.goaway(), (LAST_STREAM, NO_ERROR, ""))
            ping = peer.wait_for(lambda kind, flags, *_: kind == PING and not flags & ACK)
            # A call that was on its way is taken.
            peer.call(3)
            self.assertIsNotNone(peer.trailers(3))
            peer.send(frame(PING, ACK, 0, ping[3]))
            self.assertEqual(peer.goaway(), (3, NO_ERROR, "max_idle"))
            self.assertTrue(peer.wait_for_close())

    def test_c11_an_old_connection_has_its_grace(self):
        options = ("--connection-age-max", "200ms", "--connection-age-grace", "300ms")
        with running(*options) as server, Peer(server.address) as peer:
            peer.call(1, IMPORT, end=False)
            self.assertEqual(peer.goaway()[0], LAST_STREAM)
            self.assertEqual(peer.goaway(), (1, NO_ERROR, "max_age"))  # Without an answer to the PING, too.
            self.assertIn(b"14", peer.trailers(1))
            self.assertTrue(peer.wait_for_close())

    def test_c11_grpcio_does_not_notice_that_connections_grow_old(self):
        with running("--connection-age-max", "100ms") as server, channel_to(server) as channel:
            stub = news_service_pb2_grpc.NewsServiceStub(channel)
            end = time.monotonic() + 2
            while time.monotonic() < end:
                stub.ListArticles(news.ListArticlesRequest(), timeout=PATIENCE)

    def test_c12_permitted_pings_and_those_between_answers_are_no_strikes(self):
        with running("--ping-interval-min", "0s", "--permit-idle-pings") as server, Peer(server.address) as peer:
            for _ in range(50):
                peer.send(frame(PING, payload=bytes(8)))
                self.assertIsNotNone(peer.wait_for(lambda kind, flags, *_: kind == PING and flags & ACK))
        with running() as server, Peer(server.address) as peer:
            for number in range(50):
                peer.send(frame(PING, payload=bytes(8)))
                peer.call(2 * number + 1)
                self.assertIsNotNone(peer.trailers(2 * number + 1))

    def test_c6_every_kind_of_call_ends_with_its_deadline(self):
        deadline = ("grpc-timeout", "200m")
        begins = [
            lambda peer: peer.send(
                frame(HEADERS, END_HEADERS, 1, request_block(CHECK, deadline)) + frame(DATA, 0, 1, b"\0\0")),
            lambda peer: peer.call(1, WATCH, more=[deadline]),
            lambda peer: peer.call(1, IMPORT, end=False, more=[deadline]),
        ]
        with running() as server:
            for begin in begins:
                with Peer(server.address) as peer:
                    start = time.monotonic()
                    begin(peer)
                    self.assertIn(b"4", peer.trailers(1) or b"")
                    self.assertLess(time.monotonic() - start, patience(5))

    def test_e13_no_call_runs_longer_than_the_server_lets_it(self):
        with running("--call-duration-max", "200ms") as server, Peer(server.address) as peer:
            peer.call(1, WATCH)
            self.assertIsNotNone(peer.trailers(1))


class Health(unittest.TestCase):
    def watch(self, channel, service, seen, ended):
        stub = health_pb2_grpc.HealthStub(channel)

        def run():
            try:
                for answer in stub.Watch(health_pb2.HealthCheckRequest(service=service), timeout=PATIENCE):
                    seen.append(answer.status)
            except grpc.RpcError as error:
                ended.append(error.code())

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def test_watch_tells_of_shards_that_come_and_of_the_drain(self):
        with running("--drain-delay", "300ms") as server, channel_to(server) as channel:
            whole, shard, ended = [], [], []
            threads = [self.watch(channel, "", whole, ended),
                       self.watch(channel, "newsrpc.shard/2026-02", shard, ended)]
            self.assertTrue(eventually(lambda: whole == [SERVING] and shard == [SERVICE_UNKNOWN]))
            article = articles.Article(title="T")
            article.publish_time.FromJsonString("2026-02-27T00:00:00Z")
            stub = news_service_pb2_grpc.NewsServiceStub(channel)
            stub.CreateArticle(news.CreateArticleRequest(article=article), timeout=PATIENCE)
            stub.ListArticles(news.ListArticlesRequest(), timeout=PATIENCE)
            self.assertTrue(eventually(lambda: shard == [SERVICE_UNKNOWN, SERVING]))
            server.terminate()
            self.assertTrue(eventually(lambda: whole == [SERVING, NOT_SERVING]))
            # The delay: calls are still taken.
            stub.ListArticles(news.ListArticlesRequest(), timeout=PATIENCE)
            for thread in threads:
                thread.join(PATIENCE)
            self.assertEqual(ended, [grpc.StatusCode.UNAVAILABLE] * 2)
            self.assertEqual(server.wait(), 0)


class Drain(unittest.TestCase):
    def test_c8_under_load_nothing_acknowledged_is_lost(self):
        with running("--threads", "2", "--drain-delay", "100ms") as server:
            acknowledged, odd, threads = [], [], []
            stopping = threading.Event()
            count = threading.Semaphore(0)

            def load(number):
                with channel_to(server) as channel:
                    stub = news_service_pb2_grpc.NewsServiceStub(channel)
                    for index in range(100_000):
                        article = articles.Article(title=f"{number}/{index}")
                        article.publish_time.FromJsonString("2026-02-27T00:00:00Z")
                        try:
                            made = stub.CreateArticle(news.CreateArticleRequest(article=article), timeout=PATIENCE)
                            acknowledged.append(made.name)
                            count.release()
                        except grpc.RpcError as error:
                            if error.code() != grpc.StatusCode.UNAVAILABLE or not stopping.is_set():
                                odd.append((error.code(), error.details()))
                            return

            for number in range(6):
                threads.append(threading.Thread(target=load, args=(number,), daemon=True))
                threads[-1].start()
            for _ in range(200):
                self.assertTrue(count.acquire(timeout=PATIENCE))
            stopping.set()
            server.terminate()
            for thread in threads:
                thread.join(PATIENCE)
            self.assertEqual(server.wait(), 0)
            self.assertEqual(odd, [])
            folder = server.folder
            with running(folder=folder) as again, channel_to(again) as channel:
                stub = news_service_pb2_grpc.NewsServiceStub(channel)
                for start in range(0, len(acknowledged), 100):
                    names = acknowledged[start:start + 100]
                    answer = stub.BatchGetArticles(news.BatchGetArticlesRequest(names=names), timeout=PATIENCE)
                    self.assertEqual([a.name for a in answer.articles], names)

    def test_c8_running_calls_finish_within_the_grace_and_are_cut_off_after_it(self):
        with running("--drain-grace", "500ms") as server, Peer(server.address) as peer:
            peer.call(1, IMPORT, end=False)
            # Its answer says that the call was taken.
            peer.send(frame(PING, payload=bytes(8)))
            self.assertIsNotNone(peer.wait_for(lambda kind, flags, *_: kind == PING and flags & ACK))
            server.terminate()
            self.assertEqual(peer.goaway()[0], LAST_STREAM)
            ping = peer.wait_for(lambda kind, flags, *_: kind == PING and not flags & ACK)
            peer.send(frame(PING, ACK, 0, ping[3]))
            self.assertEqual(peer.goaway(), (1, NO_ERROR, "draining"))
            self.assertIn(b"14", peer.trailers(1))
            self.assertEqual(server.wait(), 0)

    def test_a_second_signal_ends_it_at_once(self):
        with running("--drain-delay", "60s") as server:
            server.terminate()
            self.assertTrue(eventually(lambda: " draining " in server.log))
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.wait(10), 128 + signal.SIGTERM)
            self.assertIn("stopped at once", server.log)


if __name__ == "__main__":
    unittest.main()
