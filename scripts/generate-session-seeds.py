#!/usr/bin/env python3
"""Writes Tests/Fixtures/fuzz/session/seed-*: what the fuzzer of whole connections begins with.

Run from the root of the repository. SessionScript.swift says how the bytes are read, FuzzStore.swift which articles
there are. What the fuzzer has found lies beside the seeds, under other names.
"""

import gzip
import pathlib
import struct
import sys

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "Tests/Conformance"))
sys.dont_write_bytecode = True
from frames import (  # noqa: E402
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PADDED, PING, PREFACE, PRIORITY, RST_STREAM,
    SETTINGS, WINDOW_UPDATE, frame, indexed, literal, message)

PASS, DRAIN, HALF_CLOSE = 0xF0, 0xF1, 0xF2
# POST and http are in the static table (RFC 7541, appendix A).
POST, HTTP = b"\x83", b"\x86"
NEWS = "/news.v1.NewsService/"
HEALTH = "/grpc.health.v1.Health/"
REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"


def first(path, *more):
    """A header section whose common fields enter the table, where `again` finds them."""
    return (POST + HTTP + indexed(":authority", "a") + literal(":path", path) + indexed("te", "trailers")
            + indexed("content-type", "application/grpc") + fields(more))


def again(path, *more):
    return POST + HTTP + b"\xc0" + literal(":path", path) + b"\xbf\xbe" + fields(more)


def fields(pairs):
    return b"".join(literal(name, value) for name, value in pairs)


def headers(stream, block, flags=END_HEADERS):
    return frame(HEADERS, flags, stream, block)


def data(stream, payload=b"", end=True):
    return frame(DATA, END_STREAM if end else 0, stream, payload)


def pass_time(exponent):
    """2 to the power of `exponent` milliseconds."""
    return frame(PASS, exponent)


def text(number, value):
    value = value if isinstance(value, bytes) else value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value):
    out = []
    while value >= 128:
        out.append(value % 128 | 128)
        value //= 128
    return bytes(out + [value])


def number(field, value):
    return varint(field << 3) + varint(value)


def get(name="articles/fuzz-1"):
    return message(text(1, name))


def article(title):
    return text(2, title) + text(4, number(1, 1_780_000_000)) + number(5, 1) + text(16, "body")


def import_request(sequence):
    return message(number(1, sequence) + text(3, article(f"import {sequence}")))


SETTINGS_ACK = frame(SETTINGS, ACK)
WIDE = frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1 << 24))
CAPTURE = "2024-03-13 15:55480source\ntitle\n\nbody\n"

seeds = {
    "get": [headers(1, first(NEWS + "GetArticle")), data(1, get()), SETTINGS_ACK],
    "get-twice": [
        headers(1, first(NEWS + "GetArticle")), data(1, get()),
        headers(3, again(NEWS + "GetArticle", ("grpc-timeout", "20m"))), data(3, get("articles/none"))],
    "large": [
        WIDE, frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 1 << 20)), headers(1, first(NEWS + "GetArticle")),
        data(1, get("articles/fuzz-3")), headers(3, again(NEWS + "GetArticle")), data(3, get("articles/fuzz-2"))],
    "window": [
        frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 10)), headers(1, first(NEWS + "GetArticle")),
        data(1, get("articles/fuzz-2")), frame(WINDOW_UPDATE, 0, 1, struct.pack(">I", 100)), pass_time(20),
        frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 5000)), frame(RST_STREAM, 0, 1, struct.pack(">I", 8))],
    "batch": [
        headers(1, first(NEWS + "BatchGetArticles")),
        data(1, message(text(1, "articles/fuzz-0") + text(1, "articles/none") + number(4, 1)))],
    "list": [
        headers(1, first(NEWS + "ListArticles")),
        data(1, message(number(1, 2) + text(3, "2026-06") + text(4, "-1d") + text(5, "Europe/Berlin"))),
        headers(3, again(NEWS + "ListArticles")), data(3, message(text(7, "publish_time")))],
    "create": [
        headers(1, first(NEWS + "CreateArticle")),
        data(1, message(text(1, "made-here") + text(2, article("made")) + text(3, "request"))),
        headers(3, again(NEWS + "CreateArticle")), data(3, message(text(2, article("reset")))),
        frame(RST_STREAM, 0, 3, struct.pack(">I", 8))],
    "import": [
        headers(1, first(NEWS + "ImportArticles")), data(1, import_request(1), end=False),
        data(1, import_request(2)[:9], end=False), data(1, import_request(2)[9:] + import_request(3), end=False),
        data(1)],
    "import-reset": [
        headers(1, first(NEWS + "ImportArticles")),
        data(1, message(number(1, 1) + text(2, text(1, CAPTURE) + text(2, "f"))) * 6, end=False),
        frame(RST_STREAM, 0, 1, struct.pack(">I", 8)),
        headers(3, again(NEWS + "ImportArticles")), data(3, import_request(1), end=False)],
    "watch": [
        headers(1, first(HEALTH + "Watch")), data(1, message()), headers(3, again(HEALTH + "Check")),
        data(3, message(text(1, "news.v1.NewsService"))), headers(5, again(HEALTH + "List")), data(5, message()),
        frame(DRAIN), pass_time(12), pass_time(20)],
    "reflection": [
        WIDE, headers(1, first(REFLECTION)), data(1, message(text(7, "")), end=False),
        data(1, message(text(4, "news.v1.NewsService")), end=False),
        data(1, message(text(3, "news/v1/article.proto")))],
    "compressed": [
        headers(1, first(
            NEWS + "GetArticle", ("grpc-encoding", "gzip"), ("grpc-accept-encoding", "gzip,deflate"))),
        data(1, b"\x01" + struct.pack(">I", len(gzip.compress(get()[5:], mtime=0))) + gzip.compress(
            get()[5:], mtime=0))],
    "metadata": [
        headers(1, first(NEWS + "GetArticle", ("x-id-bin", "AQI"), ("x-text", "v"), ("grpc-timeout", "5S"))),
        data(1, get(), end=False), headers(1, literal("x-trailer", "t"), END_HEADERS | END_STREAM)],
    "continuation": [
        frame(HEADERS, 0, 1, first(NEWS + "GetArticle")[:30]),
        frame(CONTINUATION, 0, 1, first(NEWS + "GetArticle")[30:50]),
        frame(CONTINUATION, END_HEADERS, 1, first(NEWS + "GetArticle")[50:]), data(1, get())],
    "padded": [
        headers(1, b"\x04" + first(NEWS + "GetArticle") + bytes(4), END_HEADERS | PADDED),
        frame(DATA, END_STREAM | PADDED, 1, b"\x08" + get() + bytes(8))],
    "deadline": [
        headers(1, first(NEWS + "GetArticle", ("grpc-timeout", "1S"))), data(1, get()[:4], end=False), pass_time(11),
        headers(3, again(NEWS + "ImportArticles", ("grpc-timeout", "1S"))), pass_time(11)],
    "goaway": [
        headers(1, first(NEWS + "ImportArticles")), frame(GOAWAY, 0, 0, struct.pack(">II", 0, 0) + b"bye"),
        data(1, import_request(1))],
    "half-close": [headers(1, first(NEWS + "ListArticles")), data(1, message()), frame(HALF_CLOSE)],
    "drain": [
        headers(1, first(NEWS + "ImportArticles")), data(1, import_request(1), end=False), frame(DRAIN),
        frame(PING, ACK, 0, b"\0\0\0\0\0\0\0\0"), data(1, import_request(2)), pass_time(20)],
    "idle": [SETTINGS_ACK, pass_time(24), frame(PING, ACK, 0, bytes(8)), pass_time(24)],
    "age": [SETTINGS_ACK, headers(1, first(HEALTH + "Watch")), data(1, message()), pass_time(27), pass_time(20)],
    "pings": [frame(PING, 0, 0, bytes(8)) * 4],
    "settings": [frame(SETTINGS, 0, 0, struct.pack(">HIHIHI", 1, 0, 5, 1 << 15, 2, 0)), SETTINGS_ACK,
                 frame(PRIORITY, 0, 3, struct.pack(">IB", 0, 9))],
    "many": [headers(1, first(HEALTH + "Check"))] + [
        headers(stream, again(NEWS + "GetArticle")) + data(stream, get("articles/fuzz-0")) for stream in
        range(3, 23, 2)],
    "resets": [headers(1, first(NEWS + "ImportArticles")) + frame(RST_STREAM, 0, 1, struct.pack(">I", 8))] + [
        headers(stream, again(NEWS + "ImportArticles")) + frame(RST_STREAM, 0, stream, struct.pack(">I", 8))
        for stream in range(3, 15, 2)],
    "refused": [
        headers(1, first("/news.v1.NewsService/Nothing")), data(1, get()),
        headers(3, again(NEWS + "GetArticle", ("grpc-encoding", "snappy"))), data(3, get()),
        headers(5, POST + HTTP + literal(":path", "/") + literal("content-type", "text/html")),
        headers(7, again(NEWS + "GetArticle")), data(7, struct.pack(">BI", 0, 1 << 20))],
}
# Bit 0: without the preface; the others: the size of the pieces.
seeds = {name: b"\x00" + b"".join(frames) for name, frames in seeds.items()}
seeds["bytewise"] = b"\x02" + seeds["get"][1:]
seeds["pieces"] = b"\x0e" + seeds["import"][1:]
seeds["own-preface"] = b"\x01" + PREFACE + frame(SETTINGS) + seeds["get"][1:]
seeds["http1"] = b"\x01GET / HTTP/1.1\r\nHost: a\r\n\r\n"
seeds["tls"] = b"\x01\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(20)

folder = root / "Tests/Fixtures/fuzz/session"
for old in folder.glob("seed-*"):
    old.unlink()
for name, content in seeds.items():
    (folder / f"seed-{name}").write_bytes(content)
