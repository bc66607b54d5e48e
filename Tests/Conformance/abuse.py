"""Peers that mean harm (rows E1 to E19). After each attack the server answers another client within a second, has not
grown by more than 64 MiB, and has logged one line, not thousands."""

import socket
import struct
import threading
import time
import unittest

from frames import (
    ACK, CANCEL, CHECK, CONTINUATION, CREATE, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, GOAWAY, HEADERS,
    LIST, PADDED, PING, PREFACE, PRIORITY, RST_STREAM, SETTINGS, SETTINGS_TIMEOUT, WATCH, WINDOW_UPDATE, Peer, frame,
    indexed, literal, message, request_block)
from patience import SANITIZER, patience
from process import Server, eventually

GROWTH_MAX = 64 << 20
WINDOW_OF_ONE = struct.pack(">HI", 4, 1)


class Abuse(unittest.TestCase):
    options = ("--threads", "2")

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.options)
        cls.assert_answers(cls())

    @classmethod
    def tearDownClass(cls):
        status = cls.server.stop()
        cls.server.__exit__()
        assert status == 0, f"the server ended with {status}"

    def setUp(self):
        self.memory = self.server.memory()

    def tearDown(self):
        self.assert_answers()
        if not SANITIZER:  # Which takes several times as much for itself.
            self.assertLess(self.server.memory() - self.memory, GROWTH_MAX)
        # One line for each kind, whatever the number of peers and frames: all come from one address.
        lines = [line.split(" ", 2)[2].split(" peer=")[0] for line in self.server.warnings()]
        self.assertEqual(len(lines), len(set(lines)), lines)

    def assert_answers(self):
        """Another client, and at once."""
        begin = time.monotonic()
        with Peer(self.server.address, patience=10) as peer:
            peer.call(1)
            self.assertIsNotNone(peer.trailers(1))
        self.assertLess(time.monotonic() - begin, patience(1))

    def peer(self, *more, **options):
        peer = Peer(self.server.address, *more, **options)
        self.addCleanup(peer.socket.close)
        return peer

    def flood(self, peer, piece, count):
        """Sends `piece` so often, reading what comes meanwhile, until the server has enough."""
        reader = threading.Thread(target=peer.wait_for_close)
        reader.start()
        for _ in range(count):
            if not peer.send(piece):
                break
        reader.join()
        return [(struct.unpack(">II", f[3][:8])[1], f[3][8:].decode()) for f in peer.seen if f[0] == GOAWAY]

    def assert_calmed(self, goaways, reason):
        self.assertIn((ENHANCE_YOUR_CALM, reason), goaways)

    def test_e1_rapid_reset_of_cheap_calls(self):
        peer = self.peer(patience=30)
        reader = threading.Thread(target=peer.wait_for_close)
        reader.start()
        block = request_block(CHECK)
        for stream in range(1, 60_001, 2):
            if not peer.send(frame(HEADERS, END_HEADERS, stream, block)
                             + frame(RST_STREAM, 0, stream, struct.pack(">I", CANCEL))):
                break
        reader.join()
        goaways = [(struct.unpack(">II", f[3][:8])[1], f[3][8:].decode()) for f in peer.seen if f[0] == GOAWAY]
        self.assert_calmed(goaways, "too_many_resets")
        self.assertTrue(peer.is_closed)

    def test_e1_rapid_reset_of_writes_runs_no_more_than_the_streams_allowed(self):
        peer = self.peer()
        title = b"\x12\x06\x12\x04Rapi"
        for stream in range(1, 4_001, 2):
            peer.send(
                frame(HEADERS, END_HEADERS, stream, request_block(CREATE))
                + frame(DATA, END_STREAM, stream, message(title))
                + frame(RST_STREAM, 0, stream, struct.pack(">I", CANCEL)))
        peer.send(frame(PING, payload=bytes(8)))
        self.assertIsNotNone(peer.wait_for(lambda kind, flags, *_: kind == PING and flags & ACK))

    def test_e2_made_to_reset(self):
        peer = self.peer()
        for stream in range(1, 1001, 2):
            sent = peer.send(
                frame(HEADERS, END_HEADERS, stream, request_block(CHECK))
                + frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", 2**31 - 1)))
            answer = sent and peer.wait_for(lambda kind, _, number, __: kind == GOAWAY or number == stream)
            if not answer or answer[0] == GOAWAY:
                break
        goaways = [(struct.unpack(">II", f[3][:8])[1], f[3][8:].decode()) for f in peer.seen if f[0] == GOAWAY]
        self.assert_calmed(goaways, "too_many_stream_errors")

    def test_e3_continuation_flood(self):
        peer = self.peer()
        begin = frame(HEADERS, END_STREAM, 1, request_block(CHECK))
        goaways = self.flood(peer, begin + frame(CONTINUATION, 0, 1, literal("a", "b")) * 10_000, 1)
        self.assert_calmed(goaways, "too_many_continuations")

    def test_e3_header_block_that_never_ends(self):
        peer = self.peer()
        peer.send(frame(HEADERS, END_STREAM, 1, request_block(CHECK)))
        self.assert_answers()

    def test_e5_settings_flood(self):
        goaways = self.flood(self.peer(), frame(SETTINGS) * 100, 100)
        self.assert_calmed(goaways, "too_many_settings")

    def test_e5_c12_ping_flood(self):
        goaways = self.flood(self.peer(), frame(PING, payload=bytes(8)), 100)
        self.assert_calmed(goaways, "too_many_pings")

    def test_e6_tiny_windows_and_no_reader(self):
        peers = [self.peer(WINDOW_OF_ONE, receive_buffer=4096) for _ in range(50)]
        for peer in peers:
            for stream in range(1, 41, 2):
                peer.call(stream, LIST, b"\x08\x64")
        self.assert_answers()

    def test_e7_header_bomb(self):
        bomb = indexed("b", "x" * 3000) + b"\xbe" * 13_000
        goaways = self.flood(self.peer(), frame(HEADERS, END_HEADERS | END_STREAM, 1, request_block(CHECK) + bomb), 1)
        self.assert_calmed(goaways, "header_list_too_large")

    def test_e8_e16_large_headers_fail_their_call_alone(self):
        peer = self.peer()
        large = request_block(CHECK) + indexed("large", "x" * 3000)
        fields = [literal("x", "y" * 16_000) for _ in range(5)]
        peer.send(frame(HEADERS, END_STREAM, 1, large)
                  + b"".join(frame(CONTINUATION, 0, 1, field) for field in fields)
                  + frame(CONTINUATION, END_HEADERS, 1))
        self.assertIn(b"8", peer.trailers(1))
        # The table is as both sides know it: a field that it holds is still understood.
        peer.send(frame(HEADERS, END_HEADERS, 3, request_block(CHECK) + b"\xbe")
                  + frame(DATA, END_STREAM, 3, message()))
        self.assertIsNotNone(peer.trailers(3))

    def test_e9_empty_data(self):
        peer = self.peer()
        peer.send(frame(HEADERS, END_HEADERS, 1, request_block(CHECK)))
        goaways = self.flood(peer, frame(DATA, 0, 1) * 50 + frame(DATA, PADDED, 1, b"\0"), 100)
        self.assert_calmed(goaways, "too_many_empty_frames")

    def test_e11_length_of_4_gib(self):
        peer = self.peer()
        peer.send(frame(HEADERS, END_HEADERS, 1, request_block(CHECK)) + frame(DATA, 0, 1, b"\0\xff\xff\xff\xff"))
        self.assertIsNotNone(peer.trailers(1))

    def test_e12_half_open_connections(self):
        silent = [self.peer(greets=False) for _ in range(200)]
        half = [self.peer(greets=False) for _ in range(200)]
        for peer in half:
            peer.send(PREFACE)
        deaf = self.peer(acknowledges=False, patience=40)
        self.assert_answers()
        self.assertEqual(deaf.goaway()[1], SETTINGS_TIMEOUT)
        self.assertTrue(all(peer.wait_for_close() for peer in silent + half))

    def test_e13_requests_that_never_end(self):
        peers = [self.peer() for _ in range(20)]
        for peer in peers:
            for stream in range(1, 199, 2):
                peer.send(frame(HEADERS, END_HEADERS, stream, request_block(CHECK, ("grpc-timeout", "300m")))
                          + frame(DATA, 0, stream, b"\0"))
        for peer in peers:
            self.assertIn(b"4", peer.trailers(1))

    def test_e14_broken_frames(self):
        zero = struct.pack(">I", 0)
        attacks = [
            frame(WINDOW_UPDATE, 0, 0, zero), frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 2**31 - 1)),
            frame(HEADERS, END_HEADERS, 2, request_block(CHECK)), frame(DATA, 0, 9, b"x"),
            frame(RST_STREAM, 0, 9, zero), frame(PRIORITY, 0, 1, struct.pack(">IB", 1, 0)),
            frame(DATA, PADDED, 1, b"\xff"), frame(PING, payload=b"short"), frame(5, 0, 1, zero),
            frame(SETTINGS, payload=struct.pack(">HI", 4, 2**31)), frame(CONTINUATION, 0, 1, b""),
            b"\xff\xff\xff" + bytes([DATA, 0, 0, 0, 0, 1]), bytes(1000),
        ]
        for attack in attacks:
            with self.subTest(attack=attack[:12]):
                self.peer().send(attack)
                self.assert_answers()

    def test_e17_e18_everything_at_once_and_gone(self):
        for number in range(100):
            peer = self.peer(receive_buffer=4096)
            peer.send(
                frame(HEADERS, END_HEADERS, 1, request_block(WATCH)) + frame(DATA, END_STREAM, 1, message())
                + frame(PING, payload=bytes(8)) * 2
                + frame(HEADERS, END_HEADERS, 3, request_block(CREATE))
                + frame(DATA, END_STREAM, 3, message(b"\x12\x06\x12\x04Gone"))
                + frame(RST_STREAM, 0, 3, struct.pack(">I", CANCEL)) + frame(DATA, 0, 3, b"late")
                + frame(7, 0, 0, bytes(8)))
            if number % 2:
                peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.socket.close()

    def test_e19_http_1_gets_an_end(self):
        peer = self.peer(greets=False)
        peer.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        peer.socket.settimeout(20)
        while peer.socket.recv(1 << 16):
            pass


class Descriptors(unittest.TestCase):
    def test_e15_no_descriptors_left(self):
        with Server("--threads", "1", descriptors=128) as server:
            known = Peer(server.address)
            peers = [Peer(server.address, patience=10) for _ in range(300)]
            cpu = server.cpu_seconds()
            begin = time.monotonic()
            known.call(1)
            self.assertIsNotNone(known.trailers(1))
            self.assertLess(time.monotonic() - begin, patience(1))
            # Who is refused learns of it, and the loop does not spin meanwhile.
            self.assertTrue(eventually(lambda: server.cpu_seconds() - cpu < 2 * (time.monotonic() - begin) + 1))
            for peer in peers:
                peer.socket.close()

            def answers():
                with Peer(server.address, patience=2) as peer:
                    peer.call(1)
                    return peer.trailers(1) is not None

            self.assertTrue(eventually(answers))
            known.socket.close()
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
