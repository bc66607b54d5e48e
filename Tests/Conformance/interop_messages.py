"""What the interop server and client in Python share."""

import os
import pathlib
import sys

import grpc

GENERATED = pathlib.Path(os.environ["NEWSRPC_GENERATED"])

# grpcio is itself a package named grpc: the generated grpc.testing is added to it.
sys.path.insert(0, str(GENERATED))
grpc.__path__.append(str(GENERATED / "grpc"))

from grpc.testing import test_pb2 as messages  # noqa: E402
from grpc.testing import test_pb2_grpc as services  # noqa: E402

INITIAL = "x-grpc-test-echo-initial"
TRAILING = "x-grpc-test-echo-trailing-bin"
LARGE_REQUEST, LARGE_RESPONSE = 271828, 314159
REQUESTS, RESPONSES = [27182, 8, 1828, 45904], [31415, 9, 2653, 58979]


def payload(size):
    return messages.Payload(body=bytes(size))


__all__ = [
    "INITIAL", "LARGE_REQUEST", "LARGE_RESPONSE", "REQUESTS", "RESPONSES", "TRAILING", "grpc", "messages",
    "payload", "services",
]
