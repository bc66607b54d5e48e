#!/usr/bin/env python3
"""Measures servers beside each other on one machine: one core serves, another drives.

  bench.py BUILD RELEASE WORK [-r ROUNDS] [-s SECONDS] [-o OUT.json] [--only A,B] [--requests R,S] [--cells 4x32,...]
  bench.py BUILD RELEASE WORK --token [...]     newsrpc with and without a bearer token, and nothing else

All servers are started first and stay up. A round measures every request at every number of connections and streams,
on every server in turn; every second round goes through the servers backwards. A figure is the median of the rounds,
with [smallest, largest]. Processor time is the server's own, all threads, from /proc/PID/task/*/schedstat; ratios are
taken within a round, and then their median. Before that every answer is compared with what the real server has
answered when the data was made. A wrong answer is printed, marks its row, and makes the exit status 1.
"""
import argparse
import json
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from process import anonymous_mib, processor_ns, read

GET = "/news.v1.NewsService/GetArticle"
LIST = "/news.v1.NewsService/ListArticles"
SERVER_CORE, CLIENT_CORE = 0, 1
BASELINE = "mirror, LMDB"
# What a server must make of a request to answer it: nothing (nghttpd has one file for each path), find it among those
# that it was loaded with, or read it.
PATHS, KNOWN, ANY = 0, 1, 2
# Name, path, file of requests, what serving it takes.
REQUESTS = [
    ("article, hot", GET, "get-hot", PATHS),
    ("article, spread", GET, "get-spread", KNOWN),
    ("list of 50, hot", LIST, "list-hot", PATHS),
    ("list of 50, spread", LIST, "list-spread", KNOWN),
    ("list of 50, new", LIST, "list-new", ANY),
]
CELLS = ["4x32", "16x100"]
# What the project wants to reach: processor time as a multiple of the LMDB mirror's, or microseconds.
GOALS = {"article, hot": "1.4 x", "article, spread": "1.4 x", "list of 50, hot": "15 us", "list of 50, spread": "15 us",
         "list of 50, new": "15 us"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pinned(core):
    return lambda: os.sched_setaffinity(0, {core})


class Server:
    """One row: a program on a port of its own."""

    def __init__(self, name, command, suffix="", serves=ANY, authorization=None):
        self.name, self.suffix, self.serves = name, suffix, serves
        self.authorization = authorization
        self.port = free_port()
        self.command = [word.replace("{port}", str(self.port)) for word in command]
        self.process = None
        self.failures = {}

    def start(self, log):
        self.log = log
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                preexec_fn=pinned(SERVER_CORE))
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("%s does not listen\n%s" % (self.name, read(log)[-1000:]))

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def processor_ns(self):
        """None of these servers ends threads while it is measured."""
        return processor_ns(self.process.pid)

    def memory(self):
        return anonymous_mib(self.process.pid)


def servers(build, release, work, scratch):
    """The rows."""
    def data(name):
        return os.path.join(work, name)

    dumps = [data(name) for name in ("get.requests", "get.replies", "pages.requests", "pages.replies")]
    store = os.path.join(scratch, "mirror")
    os.makedirs(store)
    return [
        Server("newsrpc", [os.path.join(release, "newsrpc-server"), "--data", data("store"), "--listen",
                           "127.0.0.1:{port}", "--threads", "1"]),
        Server(BASELINE, [os.path.join(build, "mirror-lmdb"), "{port}", store] + dumps),
        Server("mirror, memory", [os.path.join(build, "mirror-memory"), "{port}"] + dumps, serves=KNOWN),
        Server("nghttpd", ["nghttpd", "--no-tls", "-n", "1", "-m", "1000", "--trailer", "grpc-status:0",
                           "--mime-types-file=" + data("mime.types"), "-d", data("www"), "{port}"],
               suffix=".grpc", serves=PATHS),
    ]


def servers_with_token(release, work, scratch):
    """newsrpc twice, on stores of the same content: who asks for a token reads it with every request."""
    program, tokens = os.path.join(release, "newsrpc-server"), os.path.join(scratch, "tokens")
    made = subprocess.run(
        [program, "token", "create", "--name", "bench", "--scope", "articles.read", "--tokens", tokens],
        check=True, capture_output=True, text=True)
    stores = [os.path.join(scratch, name) for name in ("open", "guarded")]
    for store in stores:
        shutil.copytree(os.path.join(work, "store"), store)
    command = [program, "--listen", "127.0.0.1:{port}", "--threads", "1", "--data"]
    return [
        Server("newsrpc", [*command, stores[0]]),
        Server("newsrpc, token", [*command, stores[1], "--tokens", tokens],
               authorization="Bearer " + made.stdout.strip()),
    ]


class Bench:
    def __init__(self, arguments, rows):
        self.arguments, self.rows = arguments, rows
        self.samples = []

    def blast(self, row, path, requests, connections, streams, count, expected=None):
        command = [os.path.join(self.arguments.build, "blast")]
        if expected:
            command += ["-e", expected]
        if row.authorization:
            command += ["-a", row.authorization]
        command += [str(row.port), path + row.suffix, requests, str(connections), str(streams), str(count)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, preexec_fn=pinned(CLIENT_CORE))
        if done.returncode:
            raise RuntimeError(done.stderr.strip() or "blast ended with %d" % done.returncode)
        return json.loads(done.stdout)

    def file(self, name):
        return os.path.join(self.arguments.work, name)

    def measured(self, row):
        return [r for r in REQUESTS if row.serves >= r[3] and r[0] in self.arguments.requests]

    def check(self):
        """Every answer, byte by byte where it is one; a list's token is new each time, so pages by their length."""
        for row in self.rows:
            for name, path, file, _ in self.measured(row):
                hot = file == "get-hot" or (file == "list-hot" and row.name == "nghttpd")
                expected = self.file(file + ".reply") if hot else None
                try:
                    result = self.blast(row, path, self.file(file + ".requests"), 2, 4, 2000, expected)
                    print("ok    %-15s %-19s %g bytes" % (row.name, name, result["message_bytes"]), file=sys.stderr)
                except RuntimeError as error:
                    self.fail(row, name, error)

    def fail(self, row, name, error):
        row.failures[name] = str(error)
        print("FAIL  %-15s %-19s %s" % (row.name, name, error), file=sys.stderr)

    def sample(self, row, request, cell, count):
        name, path, file, _ = request
        connections, streams = map(int, cell.split("x"))
        before = row.processor_ns()
        result = self.blast(row, path, self.file(file + ".requests"), connections, streams, count)
        used = row.processor_ns() - before
        result.update(server=row.name, request=name, cell=cell, cpu_us=used / 1e3 / count,
                      busy=used / 1e9 / result["seconds"])
        return result

    def run(self):
        """Counts are chosen so that a sample lasts about as long as asked."""
        plan = [(row, request, cell) for request in REQUESTS for cell in self.arguments.cells for row in self.rows
                if request in self.measured(row) and request[0] not in row.failures]
        counts = {}
        for row, request, cell in plan:
            try:
                rate = self.sample(row, request, cell, 3000)["rate"]
                counts[row.name, request[0], cell] = max(2000, int(rate * self.arguments.seconds))
            except RuntimeError as error:
                self.fail(row, request[0] + ", " + cell, error)
        plan = [(row, request, cell) for row, request, cell in plan if (row.name, request[0], cell) in counts]
        for number in range(self.arguments.rounds):
            for row, request, cell in plan if number % 2 == 0 else plan[::-1]:
                try:
                    sample = self.sample(row, request, cell, counts[row.name, request[0], cell])
                    self.samples.append({**sample, "round": number})
                except (RuntimeError, subprocess.TimeoutExpired) as error:
                    self.fail(row, request[0] + ", " + cell, error)
            load = os.getloadavg()[0]
            print("round %d of %d, load %.2f" % (number + 1, self.arguments.rounds, load), file=sys.stderr)

    # ---------- the tables ----------

    def values(self, row, request, cell, key):
        return {s["round"]: s[key] for s in self.samples
                if (s["server"], s["request"], s["cell"]) == (row.name, request, cell)}

    def table(self, request, cell):
        base = next((row for row in self.rows if row.name == BASELINE), self.rows[0])
        lines = ["", "### %s, %s connections x %s streams" % (request, *cell.split("x")), "",
                 "| server | bytes | CPU us per request | ratio to %s | requests/s | busy | p50, p99 us |" % base.name,
                 "|---|---:|---:|---:|---:|---:|---:|"]
        for row in self.rows:
            used = self.values(row, request, cell, "cpu_us")
            if not used:
                if request in row.failures or request + ", " + cell in row.failures:
                    lines.append("| %s | FAILED | | | | | |" % row.name)
                continue
            reference = self.values(base, request, cell, "cpu_us")
            ratios = [value / reference[number] for number, value in used.items() if number in reference]

            def median(key):
                return statistics.median(self.values(row, request, cell, key).values())
            lines.append("| %s | %.0f | %s | %s | %s | %.2f | %.0f, %.0f |" % (
                row.name, median("message_bytes"), spread(list(used.values())), spread(ratios),
                spread(list(self.values(row, request, cell, "rate").values())), median("busy"), median("p50_us"),
                median("p99_us")))
        return lines

    def report(self, steal):
        model = re.search(r"model name\s*:\s*(.*)", read("/proc/cpuinfo"))
        print("%s, %d cores, Linux %s; %s; %d rounds of %g s; load %.1f, stolen %.1f %%." % (
            model.group(1) if model else platform.machine(), os.cpu_count(), platform.release(),
            time.strftime("%Y-%m-%d"), self.arguments.rounds, self.arguments.seconds, os.getloadavg()[0], steal))
        print("Server on core %d, driver on core %d. Median [smallest, largest]." % (SERVER_CORE, CLIENT_CORE))
        for request in self.arguments.requests:
            for cell in self.arguments.cells:
                print("\n".join(self.table(request, cell)))
            if not self.arguments.token:
                print("\nWanted of newsrpc: %s." % GOALS[request])
        print("\n### Memory\n\n| server | RssAnon MiB |\n|---|---:|")
        for row in self.rows:
            print("| %s | %.0f |" % (row.name, row.memory()))


def number(value):
    return "%.0f" % value if value >= 1000 else "%.1f" % value if value >= 100 else "%.2f" % value


def spread(values):
    return "%s [%s, %s]" % (number(statistics.median(values)), number(min(values)), number(max(values)))


def stolen():
    """Ticks that the hypervisor gave to others, and all ticks."""
    values = [int(text) for text in read("/proc/stat").split("\n")[0].split()[1:9]]
    return values[7], sum(values)


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=os.path.abspath)
    parser.add_argument("release", type=os.path.abspath)
    parser.add_argument("work", type=os.path.abspath)
    parser.add_argument("-r", "--rounds", type=int, default=5)
    parser.add_argument("-s", "--seconds", type=float, default=0.6, help="of one sample")
    parser.add_argument("-o", "--out", help="JSON file of all samples")
    parser.add_argument("--token", action="store_true", help="what a bearer token costs")
    parser.add_argument("--only", type=lambda text: text.split(","), help="these servers")
    parser.add_argument("--requests", type=lambda text: text.split("+"), help="these requests, with + between")
    parser.add_argument("--cells", type=lambda text: text.split(","), default=CELLS)
    arguments = parser.parse_args()
    if not arguments.requests:
        arguments.requests = [request[0] for request in REQUESTS if request[1] == GET or not arguments.token]
    return arguments


def main():
    arguments = parsed()
    if not {SERVER_CORE, CLIENT_CORE} <= os.sched_getaffinity(0):
        sys.exit("bench: needs cores %d and %d" % (SERVER_CORE, CLIENT_CORE))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="newsrpc-bench-") as scratch:
        if arguments.token:
            rows = servers_with_token(arguments.release, arguments.work, scratch)
        else:
            rows = servers(arguments.build, arguments.release, arguments.work, scratch)
        if arguments.only:
            rows = [row for row in rows if row.name in arguments.only]
        bench = Bench(arguments, rows)
        try:
            for index, row in enumerate(rows):
                row.start(os.path.join(scratch, "log-%d" % index))
            bench.check()
            before = stolen()
            bench.run()
            after = stolen()
            bench.report(100 * (after[0] - before[0]) / max(1, after[1] - before[1]))
        finally:
            for row in rows:
                row.stop()
    failures = {row.name: row.failures for row in rows if row.failures}
    if arguments.out:
        with open(arguments.out, "w") as file:
            json.dump(dict(samples=bench.samples, failures=failures), file, indent=1)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
