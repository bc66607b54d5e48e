#!/usr/bin/env python3
"""What a large store costs beside a small one: memory, pages and articles. The server is running.

  scale.py BUILD PORT PID

Prints the processor time that the server takes for the newest page of 50, for a page of 50 as deep in the list as 1,000
pages of 1,000 lead (by their tokens), and for articles of all ages, each as the median of five runs at 4 connections
with 8 streams, and its RssAnon.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile

from process import anonymous_mib, processor_ns
from wire import field, fields, number_field, prefixed

LIST, GET = "/news.v1.NewsService/ListArticles", "/news.v1.NewsService/GetArticle"
DEPTH = 1000


class Asking:
    def __init__(self, build, port, pid, folder):
        self.build, self.port, self.pid, self.folder = build, port, pid, folder

    def blast(self, path, messages, count, connections=1, streams=1, keep=False):
        requests, replies = os.path.join(self.folder, "requests"), os.path.join(self.folder, "replies")
        with open(requests, "wb") as file:
            file.writelines(prefixed(message) for message in messages)
        command = [os.path.join(self.build, "blast"), "-t", "30", *(["-w", replies] if keep else []), str(self.port),
                   path, requests, str(connections), str(streams), str(count)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit("scale: " + done.stderr.strip())
        if keep:
            with open(replies, "rb") as file:
                return file.read()[5:]
        return json.loads(done.stdout)

    def page(self, size, token=b""):
        """ListArticlesRequest: page_size 1, page_token 2. ListArticlesResponse: articles 1, next_page_token 2."""
        request = number_field(1, size) + (field(2, token) if token else b"")
        names, following = [], b""
        for number, value in fields(self.blast(LIST, [request], 1, keep=True)):
            if number == 1:
                names.append(next(name for inner, name in fields(value) if inner == 1))
            elif number == 2:
                following = value
        return names, following

    def cost(self, what, path, messages, count):
        self.blast(path, messages, max(len(messages), count // 10), 4, 8)
        samples = []
        for _ in range(5):
            before = processor_ns(self.pid)
            self.blast(path, messages, count, 4, 8)
            samples.append((processor_ns(self.pid) - before) / 1e3 / count)
        print("%s: %.1f us [%.1f, %.1f]" % (what, statistics.median(samples), min(samples), max(samples)))


def main():
    build, port, pid = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory(prefix="newsrpc-scale-") as folder:
        asking = Asking(build, port, pid, folder)
        print("RssAnon after the start: %.1f MiB" % anonymous_mib(pid))
        names, token, last, pages = [], b"", b"", 0
        while pages < DEPTH:
            some, following = asking.page(1000, token)
            names += some[:4]
            pages += 1
            if not following:
                break
            last, token = token, following
        asking.cost("newest page of 50", LIST, [number_field(1, 50)], 5000)
        if last:
            asking.cost("page of 50 behind %d others of 1,000" % (pages - 1), LIST,
                        [number_field(1, 50) + field(2, last)], 5000)
        asking.cost("articles of all ages", GET, [field(1, name) for name in names[:1000]], 20000)
        print("RssAnon at the end: %.1f MiB" % anonymous_mib(pid))


if __name__ == "__main__":
    main()
