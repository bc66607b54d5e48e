"""A server of grpcio for this package's client: methods that echo, fail, wait and are counted.

Says "listening on PORT" and serves until its input ends. Arguments are the port, 0 for any, and channel options:

    python serving.py 0 grpc.max_concurrent_streams=2
"""

import concurrent.futures
import sys
import threading
import time

import grpc

attempts = {}
events = {"began": threading.Semaphore(0), "cancelled": threading.Semaphore(0)}
lock = threading.Lock()


def echo(request, context):
    """Sends the message back; and metadata that begins with x-, before it and, as x-end-, after it."""
    fields = [(name, value) for name, value in context.invocation_metadata() if name.startswith("x-")]
    context.send_initial_metadata(fields)
    context.set_trailing_metadata([("x-end-" + name, value) for name, value in fields])
    return request


def flaky(request, context):
    """Fails the first tries of a call, which its message names and numbers: "name 2"."""
    name, count = request.decode().split()
    with lock:
        attempts[name] = attempts.get(name, 0) + 1
        number = attempts[name]
    if number <= int(count):
        context.abort(grpc.StatusCode.UNAVAILABLE, f"try {number} of {name}")
    before = dict(context.invocation_metadata()).get("grpc-previous-rpc-attempts", "none")
    return f"{number} tries, {before} before".encode()


def wait(request, context):
    """Never answers; notes that the call began, and that the caller went away."""
    gone = threading.Event()
    context.add_callback(gone.set)
    events["began"].release()
    gone.wait(60)
    events["cancelled"].release()
    return b""


def await_events(request, context):
    """Returns when so many calls of `wait` have come so far: "cancelled 10"."""
    name, count = request.decode().split()
    for _ in range(int(count)):
        if not events[name].acquire(timeout=30):
            context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, f"not {count} calls {name}")
    return request


def remaining(request, context):
    return str(context.time_remaining()).encode()


def slow(request, context):
    time.sleep(float(request))
    return request


def squeeze(request, context):
    """Answers compressed, many times as large as asked."""
    context.set_compression(grpc.Compression.Gzip)
    return request * 10_000


def fail(request, context):
    context.set_trailing_metadata([("x-why-bin", bytes(range(256)))])
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "\t\nwhite, BMP ☺ and beyond 😈\t\n")


def split(request, context):
    """As many messages as the request says."""
    for number in range(int(request)):
        yield str(number).encode()


def join(requests, context):
    return b"".join(requests)


def mirror(requests, context):
    yield from requests


HANDLERS = {
    **{
        handler.__name__: grpc.unary_unary_rpc_method_handler(handler)
        for handler in [echo, flaky, wait, await_events, remaining, slow, squeeze, fail]
    },
    "split": grpc.unary_stream_rpc_method_handler(split),
    "join": grpc.stream_unary_rpc_method_handler(join),
    "mirror": grpc.stream_stream_rpc_method_handler(mirror),
}


def main():
    options = [(name, int(value)) for name, value in (text.split("=") for text in sys.argv[2:])]
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=32), options=options)
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("test.Foreign", HANDLERS)])
    port = server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
    server.start()
    print(f"listening on {port}", flush=True)
    sys.stdin.read()
    server.stop(None).wait()


if __name__ == "__main__":
    main()
