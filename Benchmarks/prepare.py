#!/usr/bin/env python3
"""Makes the data of the benchmark: fills a store through a running server, asks it everything that will be asked, and
keeps the answers, which the mirrors then serve.

  prepare.py BUILD RELEASE WORK

BUILD has blast, RELEASE has newsrpc-server and newsrpc-cli. Into WORK:

  store/                     the store of 2,000 synthetic articles in four months, whose replies have 4,000 bytes
  get.requests, .replies     GetArticle of every article       get-hot.requests, .reply      of one
  get-spread.requests        of 1,000 articles, in an order that follows neither ids nor dates
  pages.requests, .replies   pages of 50 as they are measured, then every row, a month at a time
  list-hot.requests, .reply  the newest page of 50             list-spread.requests          pages of 50 from 100 days
  list-new.requests          the same days 40 times, all of them different: none comes again soon
  www/                       the replies to the hot requests as files, for nghttpd

Messages stand behind their 5-byte prefix, as on the wire; a .reply has none.
"""
import json
import os
import random
import re
import shutil
import subprocess
import sys

from wire import field, number_field, prefixed, unprefixed

HERE = os.path.dirname(os.path.abspath(__file__))
GET = "/news.v1.NewsService/GetArticle"
LIST = "/news.v1.NewsService/ListArticles"
REPLY_BYTES = 4000
ARTICLE_COUNT = 2000
SPREAD = 1000
FIRST_DAY, LAST_DAY = "2026-05-02", "2026-08-31"
MONTHS = ["2026-05", "2026-06", "2026-07", "2026-08"]


def get_request(name):
    return field(1, name)


def list_request(page_size, since="", until=""):
    """ListArticlesRequest: page_size = 1, since = 3, until = 4."""
    request = number_field(1, page_size)
    request += field(3, since) if since else b""
    return request + (field(4, until) if until else b"")


class Server:
    """newsrpc-server on a store, for as long as the block lasts."""

    def __init__(self, release, store):
        self.program = os.path.join(release, "newsrpc-server")
        self.store = store

    def __enter__(self):
        self.process = subprocess.Popen(
            [self.program, "--data", self.store, "--listen", "127.0.0.1:0", "--threads", "1", "--time-zone", "UTC"],
            stdout=subprocess.PIPE, text=True)
        ready = self.process.stdout.readline()
        found = re.search(r"listening on 127\.0\.0\.1:(\d+)", ready)
        if not found:
            self.process.kill()
            sys.exit("prepare: the server did not start: %r" % ready)
        self.port = found.group(1)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        self.process.stdout.close()


class Preparation:
    def __init__(self, build, release, work):
        self.build, self.release, self.work = build, release, work

    def path(self, name):
        return os.path.join(self.work, name)

    def write(self, name, content):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(content)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def cli(self, server, *arguments):
        command = [os.path.join(self.release, "newsrpc-cli"), "--server", "127.0.0.1:" + server.port, *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit("prepare: %s ended with %d" % (" ".join(command), done.returncode))
        return done.stdout

    def ask(self, server, method, requests, replies):
        """Sends each message of `requests` once and keeps the answers."""
        count = len(unprefixed(self.read(requests)))
        subprocess.run(
            [os.path.join(self.build, "blast"), "-w", self.path(replies), server.port, method, self.path(requests),
             "1", "8", str(count)], check=True, stdout=subprocess.DEVNULL)

    def generate(self, count, body_bytes):
        with open(self.path("articles.jsonl"), "wb") as file:
            subprocess.run(
                [sys.executable, os.path.join(HERE, "generate.py"), str(count), "--from", FIRST_DAY, "--to", LAST_DAY,
                 "--body-bytes", str(body_bytes)], check=True, stdout=file)

    def fill(self, server, count, body_bytes):
        """Imports articles and returns their names."""
        self.generate(count, body_bytes)
        self.cli(server, "import", self.path("articles.jsonl"))
        return self.cli(server, "list", "--limit", "0", "-o", "name").split()

    def body_bytes(self):
        """How long a body has to be for a reply of REPLY_BYTES."""
        trial = 3200
        store = self.path("trial")
        with Server(self.release, store) as server:
            names = self.fill(server, ARTICLE_COUNT, trial)  # As many, so that revisions have as many digits.
            self.write("trial.requests", b"".join(prefixed(get_request(name)) for name in names))
            self.ask(server, GET, "trial.requests", "trial.replies")
        sizes = sorted(len(reply) for reply in unprefixed(self.read("trial.replies")))
        shutil.rmtree(store)
        return trial + REPLY_BYTES - sizes[len(sizes) // 2]

    def run(self):
        with_length = self.body_bytes()
        with Server(self.release, self.path("store")) as server:
            names = self.fill(server, ARTICLE_COUNT, with_length)
            if len(names) != ARTICLE_COUNT:
                sys.exit("prepare: %d of %d articles are listed" % (len(names), ARTICLE_COUNT))
            self.articles(server, names)
            self.pages(server)
        self.files()

    def articles(self, server, names):
        self.write("get.requests", b"".join(prefixed(get_request(name)) for name in names))
        self.ask(server, GET, "get.requests", "get.replies")
        replies = unprefixed(self.read("get.replies"))
        sizes = [len(reply) for reply in replies]
        # One that has the size exactly, if there is one: the others differ by a byte of a number here and there.
        hot = min(range(len(names)), key=lambda index: (abs(sizes[index] - REPLY_BYTES), index))
        self.write("get-hot.requests", prefixed(get_request(names[hot])))
        self.write("get-hot.reply", replies[hot])
        order = list(range(len(names)))
        random.Random(1).shuffle(order)
        self.write("get-spread.requests", b"".join(prefixed(get_request(names[index])) for index in order[:SPREAD]))
        summary = dict(articles=len(names), smallest=min(sizes), largest=max(sizes), hot=sizes[hot])
        self.write("sizes.json", json.dumps(summary).encode())

    def pages(self, server):
        """The first page is the plain one, the second has `until`; then the rows of each month, by halves of it."""
        spread = ["2026-%02d-%02d" % (month, day) for month in (6, 7, 8) for day in range(1, 31)]
        spread += ["2026-05-%02d" % day for day in range(22, 32)]
        measured = [list_request(50)] + [list_request(50, until=day) for day in spread]
        whole = []
        for month in MONTHS:
            for first, last in (("01", "08"), ("09", "16"), ("17", "24"), ("25", "31" if month != "2026-06" else "30")):
                whole.append(list_request(1000, since="%s-%s" % (month, first), until="%s-%s" % (month, last)))
        self.write("pages.requests", b"".join(map(prefixed, measured + whole)))
        self.ask(server, LIST, "pages.requests", "pages.replies")
        self.write("list-hot.requests", prefixed(measured[0]))
        self.write("list-hot.reply", unprefixed(self.read("pages.replies"))[0])
        self.write("list-spread.requests", b"".join(map(prefixed, measured[1:])))
        # A field that nobody knows tells them apart.
        new = [request + number_field(1000, number) for number, request in enumerate(measured[1:] * 40)]
        self.write("list-new.requests", b"".join(map(prefixed, new)))

    def files(self):
        """nghttpd answers a path with a file; the prefix is part of it."""
        for method, name in ((GET, "get-hot.reply"), (LIST, "list-hot.reply")):
            self.write("www" + method + ".grpc", prefixed(self.read(name)))
        self.write("mime.types", b"application/grpc grpc\n")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    Preparation(*map(os.path.abspath, sys.argv[1:])).run()
