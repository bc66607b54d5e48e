"""grpc.testing.TestService by grpcio, until the standard input ends. Prints where it listens."""

import concurrent.futures
import sys
import time

from interop_messages import INITIAL, TRAILING, grpc, messages, payload, services

CODES = {code.value[0]: code for code in grpc.StatusCode}


def echo(context):
    metadata = dict(context.invocation_metadata())
    if TRAILING in metadata:
        context.set_trailing_metadata([(TRAILING, metadata[TRAILING])])
    if INITIAL in metadata:
        context.send_initial_metadata([(INITIAL, metadata[INITIAL])])


def end_as_asked(request, context):
    if request.HasField("response_status") and request.response_status.code:
        context.abort(CODES[request.response_status.code], request.response_status.message)


class TestService(services.TestServiceServicer):
    def EmptyCall(self, request, context):
        return messages.Empty()

    def UnaryCall(self, request, context):
        if request.response_compressed.value:
            context.set_compression(grpc.Compression.Gzip)
        echo(context)
        end_as_asked(request, context)
        return messages.SimpleResponse(payload=payload(request.response_size))

    def StreamingInputCall(self, requests, context):
        size = sum(len(request.payload.body) for request in requests)
        return messages.StreamingInputCallResponse(aggregated_payload_size=size)

    def StreamingOutputCall(self, request, context):
        if any(wanted.compressed.value for wanted in request.response_parameters):
            context.set_compression(grpc.Compression.Gzip)
        yield from self.answers(request, context)

    def FullDuplexCall(self, requests, context):
        echo(context)
        for request in requests:
            end_as_asked(request, context)
            yield from self.answers(request, context)

    def HalfDuplexCall(self, requests, context):
        for request in list(requests):
            yield from self.answers(request, context)

    def answers(self, request, context):
        for wanted in request.response_parameters:
            time.sleep(wanted.interval_us / 1e6)
            if wanted.HasField("compressed") and not wanted.compressed.value:
                context.disable_next_message_compression()
            yield messages.StreamingOutputCallResponse(payload=payload(wanted.size))


def main():
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(8))
    services.add_TestServiceServicer_to_server(TestService(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"listening on 127.0.0.1:{port}", flush=True)
    sys.stdin.read()
    server.stop(None).wait()


if __name__ == "__main__":
    main()
