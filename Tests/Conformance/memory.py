"""Memory that many connections take together (rows E6, E13). During and after each attack the server answers another
client within a second, has not grown by more than 64 MiB, and has logged one line, not thousands."""

import os
import pathlib
import random
import struct
import time
import unittest

from frames import (
    ACK, CREATE, DATA, END_HEADERS, END_STREAM, HEADERS, IMPORT, LIST, SETTINGS, WINDOW_UPDATE, Peer, frame, message,
    request_block)
from process import Server, eventually

GROWTH_MAX = 64 << 20
LARGE_WINDOW = struct.pack(">HI", 4, 2**31 - 1)
FULL_LIST = b"\x08\x64\x40\x02"  # page_size 100, view FULL


def varint(number):
    out = b""
    while number >= 128:
        out, number = out + bytes([number % 128 | 128]), number // 128
    return out + bytes([number])


def field(number, value):
    return varint(number << 3 | 2) + varint(len(value)) + value


def article(title, body):
    return field(2, title.encode()) + field(16, body)


def cut(stream, body, end=True):
    """DATA frames of the largest size that a peer takes unasked."""
    pieces = [body[at:at + 16_384] for at in range(0, len(body), 16_384)]
    return b"".join(
        frame(DATA, END_STREAM if end and at == len(pieces) - 1 else 0, stream, piece)
        for at, piece in enumerate(pieces))


class Memory(unittest.TestCase):
    def setUp(self):
        self.server = Server("--threads", "2")
        self.addCleanup(self.server.__exit__)
        self.fill()
        self.before = self.server.memory()
        self.most = self.before
        self.slowest = 0

    def fill(self):
        """Articles of 60 kB, and loops that have served some."""
        for number in range(50):
            peer = self.peer()
            peer.send(frame(HEADERS, END_HEADERS, 1, request_block(CREATE)))
            peer.send(cut(1, message(field(2, article(f"Title {number}", b"x" * 60_000)))))
            self.assertIsNotNone(peer.trailers(1))
            peer.socket.close()

    def look(self):
        """Memory now, and how long another client waits."""
        begin = time.monotonic()
        with Peer(self.server.address, patience=10) as peer:
            peer.call(1)
            self.assertIsNotNone(peer.trailers(1))
        self.slowest = max(self.slowest, time.monotonic() - begin)
        self.most = max(self.most, self.server.memory())

    def peer(self, *more, **options):
        peer = Peer(self.server.address, *more, **options)
        self.addCleanup(peer.socket.close)
        # From now on it may send as much as the server's SETTINGS allow, and not only 64 KiB.
        self.assertIsNotNone(peer.wait_for(lambda kind, flags, *_: kind == SETTINGS and flags & ACK))
        return peer

    def assert_bounded(self, peers, event, may_fit=False):
        self.look()
        grown = self.most - self.before
        for peer in peers:
            peer.socket.close()
        settled = eventually(lambda: self.server.memory() - self.before < GROWTH_MAX)
        lines = [line for line in self.server.warnings() if event in line]
        report = f"{grown >> 20} MiB at most, {(self.server.memory() - self.before) >> 20} MiB after, " \
                 f"{self.slowest:.3f} s, {lines}"
        if os.environ.get("NEWSRPC_VERBOSE"):
            print(report)
        self.assertLess(grown, GROWTH_MAX, report)
        self.assertTrue(settled, report)
        self.assertLess(self.slowest, 1, report)
        self.assertIn(len(lines), (0, 1) if may_fit else (1,), report)
        self.assertEqual(len(self.server.warnings()), len(lines), self.server.warnings())
        self.assertEqual(self.server.stop(), 0)

    def test_e6_large_lists_that_nobody_reads(self):
        peers = []
        for _ in range(100):
            peer = self.peer(receive_buffer=4096)
            for stream in range(1, 201, 2):
                peer.call(stream, LIST, FULL_LIST)
            peers.append(peer)
            self.look()
        self.assert_bounded(peers, "too_many_unread_replies")

    def test_e6_large_lists_into_sockets_that_nobody_reads(self):
        peers = []
        for _ in range(100):
            peer = self.peer(LARGE_WINDOW, receive_buffer=4096)
            peer.send(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 2**31 - 1 - 65_535)))
            for stream in range(1, 201, 2):
                peer.call(stream, LIST, FULL_LIST)
            peers.append(peer)
            self.look()
        # Each is asked no more once its socket is full: that may just fit.
        self.assert_bounded(peers, "too_many_unread_replies", may_fit=True)

    def fill_streams(self, path):
        """100 x 100 requests that stop after 900 KiB of 1 MiB, as far as they get in a while."""
        header = struct.pack(">BI", 0, 1 << 20)
        body = bytes(16_384) * 56
        peers = [self.peer(patience=5) for _ in range(100)]
        deadline = time.monotonic() + 20
        for stream in range(1, 201, 2):
            for peer in peers:
                peer.send(frame(HEADERS, END_HEADERS, stream, request_block(path)) + cut(stream, header + body, False))
                if time.monotonic() > deadline:
                    return peers
            self.look()
        return peers

    def test_e13_requests_that_stop_before_their_end(self):
        self.assert_bounded(self.fill_streams(CREATE), "requests refused")

    def test_e13_streams_that_stop_before_their_end(self):
        self.assert_bounded(self.fill_streams(IMPORT), "requests refused")

    def test_e13_large_captures_from_many(self):
        deadline = time.monotonic() + 20
        page = pathlib.Path(os.environ["NEWSRPC_SAMPLES"], "000_da504fa7611e0768.txt").read_bytes()
        words = "国家药品监督管理局发布关于进一步加强医疗器械监管工作的通知，请认真贯彻执行。\n"
        random.seed(7)
        peers = []
        letters = [random.choice(words) for _ in range(800_000)]
        for number in range(100):
            at = random.randrange(1000)
            text = page + "".join(letters[at:] + letters[:at]).encode()
            peer = self.peer(patience=5)
            capture = cut(1, message(varint(1 << 3) + varint(number + 1) + field(2, field(1, text))))
            peer.send(frame(HEADERS, END_HEADERS, 1, request_block(IMPORT)) + capture)
            peers.append(peer)
            self.look()
            if time.monotonic() > deadline:
                break
        self.assert_bounded(peers, "requests refused", may_fit=True)


class Turns(unittest.TestCase):
    def test_imports_that_find_no_room_take_turns_and_none_is_refused(self):
        page = pathlib.Path(os.environ["NEWSRPC_SAMPLES"], "003_59471dc68994d382.txt").read_bytes()
        captures = b"".join(message(varint(1 << 3) + varint(n) + field(2, field(1, page))) for n in range(1, 6))
        with Server("--threads", "2", "--imports-in-memory-max", "8KiB") as server:
            peers = [Peer(server.address, patience=60) for _ in range(8)]
            for peer in peers:
                self.assertIsNotNone(peer.wait_for(lambda kind, flags, *_: kind == SETTINGS and flags & ACK))
            for peer in peers:
                peer.send(frame(HEADERS, END_HEADERS, 1, request_block(IMPORT)) + cut(1, captures))
            # One that goes away in the middle of it passes its turn on.
            peers.pop().socket.close()
            for peer in peers:
                trailers = peer.trailers(1)
                self.assertIsNotNone(trailers)
                self.assertEqual(trailers[-1:], b"0")  # grpc-status
                peer.socket.close()
            self.assertEqual(server.warnings(), [])
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
