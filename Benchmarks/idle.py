#!/usr/bin/env python3
"""Memory of idle connections: opens many, makes one call on each, and divides what the server has grown by.

    Benchmarks/idle.py                       10,000 connections without TLS, then as many with
    Benchmarks/idle.py -n 2000 --only tls
    Benchmarks/idle.py --server PATH         another build than .build/release/newsrpc-server

Counts RssAnon of /proc/PID/status: memory of the process that is no file. The kernel's buffers are not in it. Ends
with 1 when a connection takes more than its limit.
"""

import argparse
import pathlib
import re
import resource
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
# KiB for each connection.
LIMITS = {"plain": 20, "tls": 64}


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(name, value):
    """A field without compression (RFC 7541 section 6.2.2)."""
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


# Health.Check of the whole server: the message is empty.
FIELDS = [
    (b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/grpc.health.v1.Health/Check"),
    (b":authority", b"localhost"), (b"te", b"trailers"), (b"content-type", b"application/grpc"),
]
CALL = (
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(4, 1, 0)
    + frame(1, 4, 1, b"".join(literal(*field) for field in FIELDS)) + frame(0, 1, 1, bytes(5)))


def await_end(connection):
    """Reads until the trailers of stream 1."""
    pending = b""
    while True:
        more = connection.recv(65536)
        if not more:
            raise SystemExit("idle: the server closed a connection")
        pending += more
        while len(pending) >= 9 and len(pending) >= 9 + int.from_bytes(pending[:3], "big"):
            length, kind, flags = int.from_bytes(pending[:3], "big"), pending[3], pending[4]
            pending = pending[9 + length:]
            if kind == 1 and flags & 1:
                return


class Server:
    def __init__(self, program, folder, options):
        command = [program, "--data", folder, "--listen", "127.0.0.1:0", "--threads", "1", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ready = self.process.stdout.readline()
        found = re.search(r"listening on 127\.0\.0\.1:(\d+)", ready)
        if not found:
            raise SystemExit(f"idle: the server did not start: {ready}")
        self.port = int(found.group(1))

    def anonymous_kib(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+) kB", text).group(1))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


def measure(program, kind, count, certificates):
    options, context = [], None
    if kind == "tls":
        options = ["--tls-cert", certificates / "server.pem", "--tls-key", certificates / "server.key"]
        context = ssl.create_default_context(cafile=certificates / "ca.pem")
        context.set_alpn_protocols(["h2"])

    def connect(port):
        connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        if context:
            connection = context.wrap_socket(connection, server_hostname="localhost")
        connection.sendall(CALL)
        await_end(connection)
        return connection

    with tempfile.TemporaryDirectory(prefix="newsrpc-idle-") as folder:
        server = Server(program, folder + "/store", options)
        connections = []
        try:
            # What the first ones need besides is none of the others'.
            for _ in range(20):
                connect(server.port).close()
            before = server.anonymous_kib()
            connections = [connect(server.port) for _ in range(count)]
            after = server.anonymous_kib()
        finally:
            for connection in connections:
                connection.close()
            server.stop()
    each = (after - before) / count
    sizes = f"{before / 1024:.1f} MiB | {after / 1024:.1f} MiB | {each:.1f} KiB"
    print(f"| {kind} | {count} | {sizes} | {LIMITS[kind]} KiB |")
    return each <= LIMITS[kind]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=10_000, help="connections")
    parser.add_argument("--only", choices=LIMITS, help="one kind of connection")
    parser.add_argument("--server", default=ROOT / ".build/release/newsrpc-server", help="program")
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < arguments.n + 100:
        raise SystemExit(f"idle: {hard} descriptors are allowed; -n {hard - 100} at most")
    resource.setrlimit(resource.RLIMIT_NOFILE, (arguments.n + 100, hard))

    certificates = ROOT / ".build/certificates"
    subprocess.run([ROOT / "Tests/Fixtures/tls/certificates.sh", certificates], check=True)
    print("| connections | number | RssAnon before | after | each | limit |")
    print("|---|---|---|---|---|---|")
    kinds = [arguments.only] if arguments.only else list(LIMITS)
    good = [measure(arguments.server, kind, arguments.n, certificates) for kind in kinds]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
