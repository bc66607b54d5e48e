"""HTTP/2 by hand: a peer that may break every rule (RFC 9113 section 4, RFC 7541 without compression)."""

import socket
import struct
import time

from patience import FACTOR

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED = 1, 1, 4, 8
NO_ERROR, PROTOCOL_ERROR, SETTINGS_TIMEOUT, REFUSED_STREAM, CANCEL, ENHANCE_YOUR_CALM = 0, 1, 4, 7, 8, 11
LAST_STREAM = 2**31 - 1


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(name, value):
    """A field that enters no table."""
    name, value = name.encode(), value.encode()
    return b"\0" + length(len(name)) + name + length(len(value)) + value


def indexed(name, value):
    """A field that enters the table, where 62 then stands for it."""
    return b"\x40" + literal(name, value)[1:]


def length(number, prefix=7):
    limit = (1 << prefix) - 1
    if number < limit:
        return bytes([number])
    out, number = [limit], number - limit
    while number >= 128:
        out.append(number % 128 | 128)
        number //= 128
    return bytes(out + [number])


def request_block(path, *more):
    fields = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test"),
              ("te", "trailers"), ("content-type", "application/grpc"), *more]
    return b"".join(literal(name, value) for name, value in fields)


def message(payload=b""):
    return struct.pack(">BI", 0, len(payload)) + payload


CHECK = "/grpc.health.v1.Health/Check"
WATCH = "/grpc.health.v1.Health/Watch"
IMPORT = "/news.v1.NewsService/ImportArticles"
LIST = "/news.v1.NewsService/ListArticles"
CREATE = "/news.v1.NewsService/CreateArticle"


class Peer:
    """One connection. Its clock bounds everything: nothing waits for longer than `patience`."""

    def __init__(self, address, settings=b"", acknowledges=True, patience=20, greets=True, receive_buffer=None):
        host, port = address.rsplit(":", 1)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(patience * FACTOR)
        self.socket.connect((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.patience = patience * FACTOR
        self.buffer = b""
        self.acknowledges = acknowledges
        self.is_closed = False
        self.seen = []
        if greets:
            self.send(PREFACE + frame(SETTINGS, payload=settings))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """False once the server has closed."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def next(self, deadline):
        """The next frame as (type, flags, stream, payload); None at the end of the connection or of patience."""
        while True:
            if len(self.buffer) >= 9:
                size = int.from_bytes(self.buffer[:3], "big")
                if len(self.buffer) >= 9 + size:
                    kind, flags, stream = struct.unpack(">BBI", self.buffer[3:9])
                    payload, self.buffer = self.buffer[9:9 + size], self.buffer[9 + size:]
                    if kind == SETTINGS and not flags & ACK and self.acknowledges:
                        self.send(frame(SETTINGS, ACK))
                    self.seen.append((kind, flags, stream, payload))
                    return kind, flags, stream, payload
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self.socket.settimeout(left)
            try:
                more = self.socket.recv(1 << 16)
            except TimeoutError:
                return None
            except OSError:
                more = b""
            if not more:
                self.is_closed = True
                return None
            self.buffer += more

    def wait_for(self, wanted):
        """The first frame for which `wanted(kind, flags, stream, payload)` holds, or None."""
        deadline = time.monotonic() + self.patience
        while (found := self.next(deadline)) is not None:
            if wanted(*found):
                return found
        return None

    def goaway(self):
        """The next GOAWAY as (last stream, code, debug data), or None."""
        found = self.wait_for(lambda kind, *_: kind == GOAWAY)
        if found is None:
            return None
        last, code = struct.unpack(">II", found[3][:8])
        return last, code, found[3][8:].decode()

    def wait_for_close(self):
        """Whether the server ends the connection."""
        self.wait_for(lambda *_: False)
        return self.is_closed

    def call(self, stream, path=CHECK, payload=b"", end=True, more=()):
        return self.send(
            frame(HEADERS, END_HEADERS, stream, request_block(path, *more))
            + frame(DATA, END_STREAM if end else 0, stream, message(payload)))

    def trailers(self, stream):
        """Waits for the end of a reply; the last HEADERS payload, or None when the stream was reset or lost."""
        found = self.wait_for(
            lambda kind, flags, number, _: number == stream and (
                kind == RST_STREAM or (kind == HEADERS and flags & END_STREAM)))
        return found[3] if found and found[0] == HEADERS else None
