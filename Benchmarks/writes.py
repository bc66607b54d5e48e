#!/usr/bin/env python3
"""What durable writes, watchers and starts cost newsrpc, beside a C program that writes the same tables.

  writes.py BUILD RELEASE [-r ROUNDS] [-n ARTICLES] [--only create,import,beside,sparse,watch,start]

BUILD has blast and writes (mirrors/writes.c), RELEASE has newsrpc-server and newsrpc-cli. Every figure is the median of
the rounds, with [smallest, largest]; a round measures all rows in turn, and a ratio is taken within its round. All
cores serve and drive: the server has one loop, and a writer, a reader of imports and a client want to run beside it.
"""
import argparse
import datetime
import json
import os
import re
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time

from process import processor_ns
from wire import field, number_field, prefixed

HERE = os.path.dirname(os.path.abspath(__file__))
CREATE = "/news.v1.NewsService/CreateArticle"
CHECK = "/grpc.health.v1.Health/Check"
WATCHERS = [1, 100, 1000, 10_000]
STREAMS_EACH = 100  # watchers of one connection
SECOND = 1  # of TimePrecision
SPARSE_RATE = 100  # creates a second, each at its own time
SPARSE_ARTICLES = 5  # times as many are imported meanwhile


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def give_way():
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def go_first():
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    except PermissionError:
        print("writes: not allowed to run the driver in real time; it waits for processors, too", file=sys.stderr)


def percentiles(values):
    values = sorted(values)
    return values[len(values) // 2], values[len(values) * 99 // 100]


class Server:
    def __init__(self, release, store):
        begin = time.monotonic()
        self.process = subprocess.Popen(
            [os.path.join(release, "newsrpc-server"), "--data", store, "--listen", "127.0.0.1:0", "--threads", "1",
             "--time-zone", "Asia/Shanghai"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        text = ""
        while " ready in " not in text:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("writes: the server did not start: " + text)
            text += line
        self.ready_ms = (time.monotonic() - begin) * 1e3
        self.port = int(re.search(r"listening on 127\.0\.0\.1:(\d+)", text).group(1))

    def processor_us(self):
        return processor_ns(self.process.pid) / 1e3

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(60)


class Bench:
    def __init__(self, arguments, work):
        self.arguments, self.work = arguments, work
        self.values = {}
        self.port = 0
        self.channels, self.sources = {}, {}
        parts = {"create": self.create, "import": self.bulk, "beside": self.beside, "sparse": self.sparse,
                 "watch": self.watch, "start": self.start}
        self.parts = {name: parts[name] for name in arguments.only or parts}

    def path(self, name):
        return os.path.join(self.work, name)

    def note(self, row, value):
        self.values.setdefault(row, []).append(value)

    def shown(self, row, over=None, digits=1):
        values = self.values[row]
        if over:
            values = [value / other for value, other in zip(values, self.values[over])]
        form = "%%.%df" % digits
        return "%s [%s, %s]" % tuple(form % v for v in (statistics.median(values), min(values), max(values)))

    # ---------- data ----------

    def generate(self, name, count, *order):
        with open(self.path(name + ".jsonl"), "wb") as file:
            subprocess.run(
                [os.path.join(HERE, "generate.py"), str(count), "--from", "2016-11-01", "--to", "2026-10-31", *order],
                check=True, stdout=file)

    def prepare(self):
        count = self.arguments.articles
        if "sparse" in self.parts:
            self.generate("long", SPARSE_ARTICLES * count, "--in-order")
        for name, order in (("articles", []), ("ordered", ["--in-order"])):
            self.generate(name, count, *order)
            with open(self.path(name + ".jsonl")) as file, open(self.path(name + ".txt"), "w") as lines:
                for line in file:
                    print(*self.measures(json.loads(line)), file=lines)
        with open(self.path("check.requests"), "wb") as requests:
            requests.write(prefixed(b""))
        with open(self.path("articles.jsonl")) as file, open(self.path("creates.txt"), "w") as few, \
                open(self.path("first-creates.txt"), "w") as fewer, \
                open(self.path("create.requests"), "wb") as requests, open(self.path("first.jsonl"), "w") as first:
            months = set()
            for number, line in enumerate(file):
                article = json.loads(line)
                instant = datetime.datetime.fromisoformat(article["publishTime"])
                month = instant.strftime("%Y%m")
                if month not in months:
                    months.add(month)
                    print(json.dumps({**article, "title": "first of " + month}), file=first)
                if number < self.arguments.creates:
                    article["body"] = article["body"][:1000]
                    print(*self.measures(article), file=few)
                    if number < 200:
                        print(*self.measures(article), file=fewer)
                    stamp = number_field(1, int(instant.timestamp()))
                    requests.write(prefixed(field(2, self.create_message(article, stamp))))

    def measures(self, article):
        """What the C program knows of an article: time, shard, bytes of its message and of its row, and where it is
        filed."""
        instant = datetime.datetime.fromisoformat(article["publishTime"])
        # The message that is stored: its texts, and some 400 bytes of name, excerpt, times and hash.
        row = 400 + sum(len(article.get(key, "").encode()) for key in ("title", "source", "editor"))
        return (int(instant.timestamp() * 1e6), instant.strftime("%Y%m"), row + len(article["body"].encode()), row,
                self.channels.setdefault(article["channel"], len(self.channels) + 1),
                self.sources.setdefault(article["source"], len(self.sources) + 1))

    @staticmethod
    def create_message(article, stamp):
        return (field(2, article["title"]) + field(4, stamp) + number_field(5, SECOND)
                + field(6, article["channel"]) + field(7, article["source"]) + field(16, article["body"]))

    # ---------- programs ----------

    def writes(self, articles, mode, number):
        folder = self.path("c")
        shutil.rmtree(folder, ignore_errors=True)
        done = subprocess.run([os.path.join(self.arguments.build, "writes"), folder, articles, mode, str(number)],
                              check=True, capture_output=True, text=True, timeout=600).stdout
        shutil.rmtree(folder, ignore_errors=True)
        figures = re.findall(r"[\d.]+(?= (?:articles|s,|commits|us))", done)[:4] + re.findall(r"p\d\d ([\d.]+)", done)
        count, seconds, commits, processor, p50, p99 = map(float, figures)
        return {"rate": count / seconds, "cpu_us": processor / count, "p50_us": p50, "p99_us": p99, "commits": commits}

    def blast(self, port, connections, streams, count, method=CREATE, requests="create.requests", options=(),
              goes_first=False):
        done = subprocess.run(
            [os.path.join(self.arguments.build, "blast"), "-t", "30", *options, str(port), method,
             self.path(requests), str(connections), str(streams), str(count)],
            capture_output=True, text=True, timeout=300, preexec_fn=go_first if goes_first else None)
        if done.returncode:
            raise SystemExit("writes: " + done.stderr.strip())
        return json.loads(done.stdout)

    def server(self, name="store", keep=False):
        if not keep:
            shutil.rmtree(self.path(name), ignore_errors=True)
        return Server(self.arguments.release, self.path(name))

    def filled_server(self):
        """One whose store has the shards that will be written: the C program makes them before its clock runs, too."""
        server = self.server()
        subprocess.run([os.path.join(self.arguments.release, "newsrpc-cli"), "--server", "127.0.0.1:%d" % server.port,
                        "import", self.path("first.jsonl")], check=True, stdout=subprocess.DEVNULL)
        return server

    def run_import(self, server, articles="articles.jsonl", count=None, gives_way=False):
        count = count or self.arguments.articles
        begin, before = time.monotonic(), server.processor_us()
        client = subprocess.Popen([os.path.join(self.arguments.release, "newsrpc-cli"), "--server",
                                   "127.0.0.1:%d" % server.port, "import", self.path(articles)],
                                  stdout=subprocess.DEVNULL, preexec_fn=give_way if gives_way else None)
        _, status, usage = os.wait4(client.pid, 0)
        client.returncode = status
        if status:
            raise SystemExit("writes: the import failed")
        seconds = time.monotonic() - begin
        return {"rate": count / seconds, "cpu_us": (server.processor_us() - before) / count,
                "client_us": (usage.ru_utime + usage.ru_stime) * 1e6 / count}

    # ---------- what is measured ----------

    def create(self):
        flush = self.writes(self.path("creates.txt"), "flush", 500)
        self.note("one fdatasync, p50 us", flush["p50_us"])
        count = min(1000, self.arguments.creates)
        c = self.writes(self.path("creates.txt"), "create", 1)["p50_us"]
        self.note("C, alone, p50 us", c)
        server = self.filled_server()
        self.blast(server.port, 1, 1, count)
        trip = self.blast(server.port, 1, 1, 5000, CHECK, "check.requests")["p50_us"]
        self.note("one round trip, p50 us", trip)
        self.note("C, alone, and one round trip, p50 us", c + trip)
        self.note("newsrpc, alone, p50 us", self.blast(server.port, 1, 1, count)["p50_us"])
        many = self.writes(self.path("creates.txt"), "create", 256)
        self.note("C, 256 in flight, a second", many["rate"])
        self.note("C, 256 in flight, CPU us", many["cpu_us"])
        before = server.processor_us()
        self.note("newsrpc, 256 in flight, a second",
                  self.blast(server.port, 4, 64, self.arguments.creates)["rate"])
        self.note("newsrpc, 256 in flight, CPU us", (server.processor_us() - before) / self.arguments.creates)
        server.stop()

    def bulk(self):
        self.import_both("import", "articles")
        self.import_both("import in order", "ordered")

    def import_both(self, name, articles):
        c = self.writes(self.path(articles + ".txt"), "import", 8192)
        self.note("C %s, a second" % name, c["rate"])
        self.note("C %s, CPU us" % name, c["cpu_us"])
        server = self.filled_server()
        ours = self.run_import(server, articles + ".jsonl")
        server.stop()
        self.note("newsrpc %s, a second" % name, ours["rate"])
        self.note("newsrpc %s, CPU us" % name, ours["cpu_us"])
        self.note("newsrpc-cli %s, CPU us" % name, ours["client_us"])

    def beside(self):
        server = self.filled_server()
        count = min(1000, self.arguments.creates)
        self.blast(server.port, 1, 1, count)
        idle = self.blast(server.port, 1, 1, count)
        outcome = {}
        samples = self.during_import(server, outcome, lambda: self.blast(server.port, 1, 1, 200)["p99_us"])
        server.stop()
        self.note("create, idle, p99 us", idle["p99_us"])
        self.note("create beside an import, p99 us", statistics.median(samples))
        self.note("import beside creates, a second", outcome["rate"])
        # What the disk alone makes of it: the C program, which shares nothing else with the import.
        alone = lambda: self.writes(self.path("first-creates.txt"), "create", 1)["p99_us"]
        self.note("C create, idle, p99 us", alone())
        server = self.filled_server()
        samples = self.during_import(server, {}, alone)
        server.stop()
        self.note("C create beside an import, p99 us", statistics.median(samples))

    def sparse(self):
        """Creates at their own times beside an import in order. Whoever drives stands for another machine, and this one
        has two processors: the driver goes before the server, and the import's client behind it."""
        server = self.filled_server()

        def latencies(count):
            file = self.path("latencies")
            self.blast(server.port, 4, 1, count, options=("-r", str(SPARSE_RATE), "-l", file), goes_first=True)
            with open(file) as lines:
                values = [float(line) for line in lines]
            os.remove(file)
            return values

        latencies(2 * SPARSE_RATE)
        idle = percentiles(latencies(4 * SPARSE_RATE))
        outcome = {}
        samples = self.during_import(
            server, outcome, lambda: latencies(SPARSE_RATE // 2), articles="long.jsonl",
            count=SPARSE_ARTICLES * self.arguments.articles, gives_way=True)
        server.stop()
        beside = percentiles([value for sample in samples for value in sample])
        for number, name in enumerate(("p50", "p99")):
            self.note("sparse create, idle, %s us" % name, idle[number])
            self.note("sparse create beside an import in order, %s us" % name, beside[number])
        self.note("import in order beside sparse creates, a second", outcome["rate"])

    def during_import(self, server, outcome, sample, **options):
        """What is measured again and again until an import is over, but for the last time, which outlasts it."""
        importer = threading.Thread(target=lambda: outcome.update(self.run_import(server, **options)))
        importer.start()
        time.sleep(0.3)
        samples = []
        while importer.is_alive():
            samples.append(sample())
        importer.join()
        return samples[:-1] or samples

    def start(self):
        server = self.server("start")
        self.run_import(server)
        server.stop()
        for row, number in (
                ("start after a clean stop, ms", signal.SIGTERM), ("start after kill -9, ms", signal.SIGKILL)):
            server = self.server("start", keep=True)
            if number == signal.SIGKILL:
                self.blast(server.port, 4, 64, min(1000, self.arguments.creates))
            server.stop(number)
            server = self.server("start", keep=True)
            self.note(row, server.ready_ms)
            server.stop()

    def watch(self):
        alone = 0
        for count in [0, *WATCHERS]:
            if count > self.arguments.watchers:
                continue
            server = self.server()
            self.blast(server.port, 1, 1, 100)
            # Beside them one who asks and reads nothing.
            watchers = Watchers(server.port, count)
            changes = 200
            begin, before = time.monotonic(), server.processor_us()
            self.blast(server.port, 1, 1, changes)
            watchers.wait(count * changes)
            seconds, used = time.monotonic() - begin, server.processor_us() - before
            if count == 0:
                alone = used / changes
                self.note("create without watchers, CPU us", alone)
            else:
                name = "%d watchers, " % count
                self.note(name + "CPU us more for each change and watcher", (used / changes - alone) / count)
                self.note(name + "changes delivered a second", count * changes / seconds)
            watchers.close()
            server.stop()

    def run(self):
        self.prepare()
        for number in range(self.arguments.rounds):
            for name in self.parts:
                self.parts[name]()
            print("round %d of %d, load %.1f" % (number + 1, self.arguments.rounds, os.getloadavg()[0]),
                  file=sys.stderr)

    def report(self):
        ratios = {
            "newsrpc, alone, p50 us": [
                "one fdatasync, p50 us", "C, alone, p50 us", "C, alone, and one round trip, p50 us"],
            "newsrpc, 256 in flight, a second": ["C, 256 in flight, a second"],
            "newsrpc, 256 in flight, CPU us": ["C, 256 in flight, CPU us"],
            "newsrpc import, a second": ["C import, a second"], "newsrpc import, CPU us": ["C import, CPU us"],
            "newsrpc import in order, a second": ["C import in order, a second"],
            "newsrpc import in order, CPU us": ["C import in order, CPU us"],
            "create beside an import, p99 us": ["create, idle, p99 us"],
            "C create beside an import, p99 us": ["C create, idle, p99 us"],
            "sparse create beside an import in order, p50 us": ["sparse create, idle, p50 us"],
            "sparse create beside an import in order, p99 us": ["sparse create, idle, p99 us"],
        }
        print("%d rounds, %d articles over ten years, load %.1f; %s. Median [smallest, largest].\n" % (
            self.arguments.rounds, self.arguments.articles, os.getloadavg()[0], time.strftime("%Y-%m-%d")))
        print("| | figure | ratio |\n|---|---:|---:|")
        for row, values in self.values.items():
            digits = 3 if statistics.median(values) < 10 else 0
            known = [other for other in ratios.get(row, []) if other in self.values]
            shown = "; ".join(
                "%s to %s" % (self.shown(row, other, 2), re.sub(r", [^,]*$", "", other)) for other in known)
            print("| %s | %s | %s |" % (row, self.shown(row, digits=digits), shown))


class Watchers:
    """Streams of WatchArticles, a hundred on each connection; counts the messages with changes that come."""

    def __init__(self, port, count):
        self.messages, self.open = 0, 0
        self.connections = []
        self.changed = threading.Condition()
        if count > 0:
            self.connect(port, 1, window=0)
            self.connections[0] = (self.connections[0][0], 0)
        while count > 0:
            streams = min(count, STREAMS_EACH)
            self.connect(port, streams)
            count -= streams
        with self.changed:
            if not self.changed.wait_for(lambda: self.open == sum(c[1] for c in self.connections), 60):
                raise SystemExit("writes: not all watchers were served")

    def connect(self, port, streams, window=1 << 30):
        def literal(name, value):
            return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value
        block = b"".join(literal(*pair) for pair in [
            (b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/news.v1.NewsService/WatchArticles"),
            (b":authority", b"localhost"), (b"te", b"trailers"), (b"content-type", b"application/grpc")])
        connection = socket.create_connection(("127.0.0.1", port), timeout=120)
        # Windows that no run fills, for each stream and for the connection.
        hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, struct.pack(">HI", 4, window))
        hello += frame(8, 0, 0, struct.pack(">I", 1 << 30)) + frame(4, 1, 0)
        for number in range(streams):
            stream = 2 * number + 1
            hello += frame(1, 4, stream, block) + frame(0, 1, stream, prefixed(b""))
        connection.sendall(hello)
        self.connections.append((connection, streams))
        threading.Thread(target=self.receive, args=(connection,), daemon=True).start()

    def receive(self, connection):
        pending, begun, cut = b"", set(), {}
        while True:
            try:
                more = connection.recv(1 << 18)
            except OSError:
                return
            if not more:
                return
            pending += more
            place, found, opened = 0, 0, 0
            while len(pending) - place >= 9:
                length = int.from_bytes(pending[place:place + 3], "big")
                if len(pending) - place < 9 + length:
                    break
                kind, stream = pending[place + 3], int.from_bytes(pending[place + 5:place + 9], "big")
                if kind == 0:
                    # A frame may have several messages, and a message several frames.
                    unread = cut.pop(stream, b"") + pending[place + 9:place + 9 + length]
                    while len(unread) >= 5 and len(unread) >= 5 + int.from_bytes(unread[1:5], "big"):
                        end = 5 + int.from_bytes(unread[1:5], "big")
                        opened += stream not in begun  # The first message is a bookmark.
                        begun.add(stream)
                        found += self.change_count(unread[5:end])
                        unread = unread[end:]
                    if unread:
                        cut[stream] = unread
                place += 9 + length
            pending = pending[place:]
            with self.changed:
                self.messages += found
                self.open += opened
                self.changed.notify_all()

    @staticmethod
    def change_count(message):
        """Fields number 2 of WatchArticlesResponse; all its fields are bytes."""
        place, count = 0, 0
        while place < len(message):
            count += message[place] == 2 << 3 | 2
            place += 1
            length, shift = 0, 0
            while True:
                byte = message[place]
                place += 1
                length |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            place += length
        return count

    def wait(self, count):
        with self.changed:
            if not self.changed.wait_for(lambda: self.messages >= count, 300):
                raise SystemExit("writes: %d of %d changes came" % (self.messages, count))

    def close(self):
        for connection, _ in self.connections:
            connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=os.path.abspath)
    parser.add_argument("release", type=os.path.abspath)
    parser.add_argument("-r", "--rounds", type=int, default=3)
    parser.add_argument("-n", "--articles", type=int, default=40_000)
    parser.add_argument("--creates", type=int, default=20_000)
    parser.add_argument("--watchers", type=int, default=10_000, help="at most")
    parser.add_argument("--only", type=lambda text: text.split(","))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsrpc-writes-", dir=os.environ.get("NEWSRPC_BENCH")) as work:
        bench = Bench(arguments, work)
        bench.run()
        bench.report()


if __name__ == "__main__":
    main()
