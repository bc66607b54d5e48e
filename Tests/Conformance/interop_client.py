"""The published interop test cases by grpcio, against the server at NEWSRPC_INTEROP."""

import os
import queue
import time
import unittest

from interop_messages import (
    INITIAL, LARGE_REQUEST, LARGE_RESPONSE, REQUESTS, RESPONSES, TRAILING, grpc, messages, payload, services)
from patience import patience

SERVER = os.environ["NEWSRPC_INTEROP"]
PATIENCE = patience(30)
SOAK = 200


def open_channel():
    # A pool of its own, so that a new channel is a new connection.
    options = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
    return grpc.insecure_channel(SERVER, options=options)


def duplex(size, request_size):
    return messages.StreamingOutputCallRequest(
        response_parameters=[messages.ResponseParameters(size=size)], payload=payload(request_size))


def simple(**fields):
    return messages.SimpleRequest(response_size=LARGE_RESPONSE, payload=payload(LARGE_REQUEST), **fields)


def wanted(value):
    return messages.BoolValue(value=value)


class Interop(unittest.TestCase):
    def setUp(self):
        self.channel = open_channel()
        self.stub = services.TestServiceStub(self.channel)

    def tearDown(self):
        self.channel.close()

    def assert_fails(self, code, call):
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        self.assertEqual(caught.exception.code(), code)
        return caught.exception

    def assert_sizes(self, responses, sizes):
        self.assertEqual([len(response.payload.body) for response in responses], sizes)

    def large_unary(self, stub):
        answer = stub.UnaryCall(simple(), timeout=PATIENCE)
        self.assertEqual(answer.payload.body, bytes(LARGE_RESPONSE))

    def test_empty_unary(self):
        self.assertEqual(self.stub.EmptyCall(messages.Empty(), timeout=PATIENCE), messages.Empty())

    def test_large_unary(self):
        self.large_unary(self.stub)

    def test_client_compressed_unary(self):
        self.assert_fails(
            grpc.StatusCode.INVALID_ARGUMENT,
            lambda: self.stub.UnaryCall(simple(expect_compressed=wanted(True)), timeout=PATIENCE))
        for compression, is_compressed in [
                (grpc.Compression.Gzip, True), (grpc.Compression.Deflate, True),
                (grpc.Compression.NoCompression, False)]:
            answer = self.stub.UnaryCall(
                simple(expect_compressed=wanted(is_compressed)), timeout=PATIENCE, compression=compression)
            self.assertEqual(len(answer.payload.body), LARGE_RESPONSE)

    def test_server_compressed_unary(self):
        for value in [True, False]:
            answer = self.stub.UnaryCall(simple(response_compressed=wanted(value)), timeout=PATIENCE)
            self.assertEqual(answer.payload.body, bytes(LARGE_RESPONSE))

    def test_client_streaming(self):
        requests = [messages.StreamingInputCallRequest(payload=payload(size)) for size in REQUESTS]
        answer = self.stub.StreamingInputCall(iter(requests), timeout=PATIENCE)
        self.assertEqual(answer.aggregated_payload_size, sum(REQUESTS))

    def test_client_compressed_streaming(self):
        request = messages.StreamingInputCallRequest(payload=payload(27182), expect_compressed=wanted(True))
        self.assert_fails(
            grpc.StatusCode.INVALID_ARGUMENT,
            lambda: self.stub.StreamingInputCall(iter([request]), timeout=PATIENCE))
        answer = self.stub.StreamingInputCall(
            iter([request, messages.StreamingInputCallRequest(payload=payload(45904))]), timeout=PATIENCE,
            compression=grpc.Compression.Gzip)
        self.assertEqual(answer.aggregated_payload_size, 73086)

    def test_server_streaming(self):
        parameters = [messages.ResponseParameters(size=size, interval_us=100) for size in RESPONSES]
        request = messages.StreamingOutputCallRequest(response_parameters=parameters)
        self.assert_sizes(self.stub.StreamingOutputCall(request, timeout=PATIENCE), RESPONSES)

    def test_server_compressed_streaming(self):
        parameters = [messages.ResponseParameters(size=size, compressed=wanted(value))
                      for size, value in [(31415, True), (92653, False)]]
        request = messages.StreamingOutputCallRequest(response_parameters=parameters)
        self.assert_sizes(self.stub.StreamingOutputCall(request, timeout=PATIENCE), [31415, 92653])

    def test_ping_pong(self):
        requests = queue.Queue()
        responses = self.stub.FullDuplexCall(iter(requests.get, None), timeout=PATIENCE)
        for request, response in zip(REQUESTS, RESPONSES):
            requests.put(duplex(response, request))
            self.assertEqual(len(next(responses).payload.body), response)
        requests.put(None)
        self.assertEqual(list(responses), [])

    def test_half_duplex(self):
        requests = [duplex(response, request) for request, response in zip(REQUESTS, RESPONSES)]
        self.assert_sizes(self.stub.HalfDuplexCall(iter(requests), timeout=PATIENCE), RESPONSES)

    def test_empty_stream(self):
        self.assertEqual(list(self.stub.FullDuplexCall(iter([]), timeout=PATIENCE)), [])

    def test_custom_metadata(self):
        metadata = [(INITIAL, "test_initial_metadata_value"), (TRAILING, b"\xab\xab\xab")]
        answer, unary = self.stub.UnaryCall.with_call(simple(), metadata=metadata, timeout=PATIENCE)
        self.assertEqual(len(answer.payload.body), LARGE_RESPONSE)
        streamed = self.stub.FullDuplexCall(
            iter([duplex(LARGE_RESPONSE, LARGE_REQUEST)]), metadata=metadata, timeout=PATIENCE)
        self.assert_sizes(streamed, [LARGE_RESPONSE])
        for call in [unary, streamed]:
            self.assertEqual(dict(call.initial_metadata())[INITIAL], "test_initial_metadata_value")
            self.assertEqual(dict(call.trailing_metadata())[TRAILING], b"\xab\xab\xab")

    def assert_status(self, message, call):
        error = self.assert_fails(grpc.StatusCode.UNKNOWN, call)
        self.assertEqual(error.details(), message)

    def test_status_code_and_message(self):
        message = "test status message"
        status = messages.EchoStatus(code=2, message=message)
        self.assert_status(
            message, lambda: self.stub.UnaryCall(messages.SimpleRequest(response_status=status), timeout=PATIENCE))
        request = messages.StreamingOutputCallRequest(response_status=status)
        self.assert_status(message, lambda: list(self.stub.FullDuplexCall(iter([request]), timeout=PATIENCE)))

    def test_special_status_message(self):
        message = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"
        status = messages.EchoStatus(code=2, message=message)
        self.assert_status(
            message, lambda: self.stub.UnaryCall(messages.SimpleRequest(response_status=status), timeout=PATIENCE))

    def test_unimplemented_method(self):
        self.assert_fails(
            grpc.StatusCode.UNIMPLEMENTED, lambda: self.stub.UnimplementedCall(messages.Empty(), timeout=PATIENCE))

    def test_unimplemented_service(self):
        stub = services.UnimplementedServiceStub(self.channel)
        self.assert_fails(
            grpc.StatusCode.UNIMPLEMENTED, lambda: stub.UnimplementedCall(messages.Empty(), timeout=PATIENCE))

    def test_cancel_after_begin(self):
        requests = queue.Queue()
        call = self.stub.StreamingInputCall.future(iter(requests.get, None), timeout=PATIENCE)
        call.cancel()
        requests.put(None)
        self.assertTrue(call.cancelled())
        self.assertEqual(call.code(), grpc.StatusCode.CANCELLED)

    def test_cancel_after_first_response(self):
        requests = queue.Queue()
        call = self.stub.FullDuplexCall(iter(requests.get, None), timeout=PATIENCE)
        requests.put(duplex(RESPONSES[0], REQUESTS[0]))
        self.assertEqual(len(next(call).payload.body), RESPONSES[0])
        call.cancel()
        requests.put(None)
        self.assert_fails(grpc.StatusCode.CANCELLED, lambda: next(call))

    def test_timeout_on_sleeping_server(self):
        requests = queue.Queue()
        requests.put(messages.StreamingOutputCallRequest(payload=payload(27182)))
        call = self.stub.FullDuplexCall(iter(requests.get, None), timeout=0.001)
        self.assert_fails(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: next(call))
        requests.put(None)

    def soak(self, call):
        for _ in range(SOAK):
            begin = time.monotonic()
            call()
            self.assertLess(time.monotonic() - begin, 5)

    def test_rpc_soak(self):
        self.soak(lambda: self.large_unary(self.stub))

    def test_channel_soak(self):
        def call():
            with open_channel() as channel:
                self.large_unary(services.TestServiceStub(channel))
        self.soak(call)


if __name__ == "__main__":
    unittest.main()
