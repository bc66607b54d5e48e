#!/usr/bin/env python3
"""What reads that wait for the disk do to those that need not.

  cold.py BUILD RELEASE [RELEASE...] [-n ARTICLES] [--store DIRECTORY] [--streams N] [-r ROUNDS]

BUILD has blast, each RELEASE has newsrpc-server; the first has newsrpc-cli, too. Fills a store of so many articles over
ten years, or uses the one that is there. Then, for each server in turn, with the page cache dropped before it starts
(for which it must be root): one caller reads 100 articles again and again, one at a time, alone; and then beside
another who reads 60,000 articles in random order for the first time, some at once. The server is on core 0, the
callers are on core 1. Turns are those of the loop in the second case, as AdminService says.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile

from wire import field, prefixed

HERE = os.path.dirname(os.path.abspath(__file__))
GET = "/news.v1.NewsService/GetArticle"
WARM, COLD, READS = 100, 60_000, 20_000


class Server:
    def __init__(self, release, store, core=None):
        pinned = ["taskset", "-c", str(core)] if core is not None else []
        self.process = subprocess.Popen(
            [*pinned, os.path.join(release, "newsrpc-server"), "--data", store, "--listen", "127.0.0.1:0",
             "--admin-listen", "127.0.0.1:0", "--threads", "1", "--time-zone", "Asia/Shanghai"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        text = ""
        while " ready in " not in text:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("cold: the server did not start: " + self.process.stderr.read())
            text += line
        self.port, self.admin = re.findall(r"127\.0\.0\.1:(\d+)", text)[:2]

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def fill(arguments, store, work):
    server = Server(arguments.release[0], store)
    client = [os.path.join(arguments.release[0], "newsrpc-cli"), "--server", "127.0.0.1:" + server.port]
    articles = os.path.join(work, "articles.jsonl")
    if not arguments.store:
        with open(articles, "wb") as file:
            subprocess.run([os.path.join(HERE, "generate.py"), str(arguments.articles), "--from", "2016-11-01", "--to",
                            "2026-10-31", "--pool", "5000"], check=True, stdout=file)
        subprocess.run([*client, "import", articles], check=True, stdout=subprocess.DEVNULL)
        os.remove(articles)
    names = subprocess.run([*client, "list", "--limit", "2000000", "-o", "name"], check=True,
                           capture_output=True, text=True).stdout.split()
    server.stop()
    return names


def request_file(path, names):
    with open(path, "wb") as file:
        file.writelines(prefixed(field(1, name)) for name in names)


def blast(arguments, server, requests, streams, count):
    return subprocess.Popen(
        ["taskset", "-c", "1", os.path.join(arguments.build, "blast"), "-t", "300", server.port, GET, requests, "1",
         str(streams), str(count)], stdout=subprocess.PIPE, text=True)


def result(process):
    text, _ = process.communicate()
    if process.returncode:
        raise SystemExit("cold: a driver failed")
    return json.loads(text)


def turns(arguments, server):
    """The line of the loops' turns."""
    return subprocess.run(
        [os.path.join(arguments.release[0], "newsrpc-cli"), "admin", "stats", "--server", "127.0.0.1:" + server.admin],
        check=True, capture_output=True, text=True).stdout.splitlines()[-1].split(None, 1)[1]


def measure(arguments, release, store, warm, cold):
    rows = []
    for beside in False, True:
        os.sync()
        with open("/proc/sys/vm/drop_caches", "w") as file:
            file.write("3")
        server = Server(release, store, core=0)
        result(blast(arguments, server, warm, 1, 3000))
        other = blast(arguments, server, cold, arguments.streams, COLD) if beside else None
        found = result(blast(arguments, server, warm, 1, READS))
        reads = "%.0f" % result(other)["rate"] if other else ""
        rows.append("| %s, %s | %.2f | %.2f | %.2f | %s | %s |" % (
            os.path.basename(release.rstrip("/")), "beside cold reads" if beside else "alone", found["p50_us"] / 1e3,
            found["p99_us"] / 1e3, found["p999_us"] / 1e3, reads, turns(arguments, server) if beside else ""))
        server.stop()
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=os.path.abspath)
    parser.add_argument("release", type=os.path.abspath, nargs="+")
    parser.add_argument("-n", "--articles", type=int, default=200_000)
    parser.add_argument("--store", type=os.path.abspath, help="one that is there; it stays as it is")
    parser.add_argument("--streams", type=int, default=16)
    parser.add_argument("-r", "--rounds", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsrpc-cold-", dir=os.environ.get("NEWSRPC_BENCH")) as work:
        store = arguments.store or os.path.join(work, "store")
        names = fill(arguments, store, work)
        random.Random(7).shuffle(names)
        warm, cold = os.path.join(work, "warm.requests"), os.path.join(work, "cold.requests")
        request_file(warm, names[:WARM])
        request_file(cold, names[WARM:])
        print("%d articles, load %.1f\n" % (len(names), os.getloadavg()[0]))
        print("| | p50 ms | p99 ms | p99.9 ms | cold reads a second | turns |\n|---|---:|---:|---:|---:|---|")
        for _ in range(arguments.rounds):
            for release in arguments.release:
                print("\n".join(measure(arguments, release, store, warm, cold)), flush=True)


if __name__ == "__main__":
    main()
