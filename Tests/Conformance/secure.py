"""A server with TLS, as grpcio and curl see it.

The certificates of NEWSRPC_CERTIFICATES are those of Tests/Fixtures/tls/certificates.sh. The server asks clients for a
certificate if NEWSRPC_CLIENT_AUTH says "require", and not at all if it says "off".
"""

import os
import pathlib
import socket
import ssl
import struct
import subprocess
import unittest

from support import PATIENCE, SERVER, capture_of, LISTING, articles, grpc, news
from news.v1 import news_service_pb2_grpc

CERTIFICATES = pathlib.Path(os.environ["NEWSRPC_CERTIFICATES"])
REQUIRES_CLIENTS = os.environ["NEWSRPC_CLIENT_AUTH"] == "require"
PORT = int(SERVER.rpartition(":")[2])


def read(name):
    return (CERTIFICATES / name).read_bytes()


def open_channel(authority="ca.pem", client="client", host="localhost", options=()):
    credentials = grpc.ssl_channel_credentials(
        root_certificates=read(authority),
        private_key=read(f"{client}.key") if client else None,
        certificate_chain=read(f"{client}.pem") if client else None)
    return grpc.secure_channel(f"{host}:{PORT}", credentials, options=[("grpc.enable_http_proxy", 0), *options])


def first_page(channel):
    stub = news_service_pb2_grpc.NewsServiceStub(channel)
    return stub.ListArticles(news.ListArticlesRequest(page_size=5), timeout=PATIENCE)


class Secure(unittest.TestCase):
    def assert_unavailable(self, channel):
        with channel, self.assertRaises(grpc.RpcError) as caught:
            first_page(channel)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE, caught.exception.details())
        return caught.exception.details()

    def test_calls_are_answered(self):
        with open_channel() as channel:
            stub = news_service_pb2_grpc.NewsServiceStub(channel)
            request = capture_of(LISTING)
            request.sequence = 1
            self.assertTrue(list(stub.ImportArticles(iter([request]), timeout=PATIENCE)))
            self.assertEqual(len(first_page(channel).articles), 5)

    def test_large_messages_go_both_ways(self):
        with open_channel() as channel:
            stub = news_service_pb2_grpc.NewsServiceStub(channel)
            body = "一" * 900_000
            article = articles.Article(title="large", body=body)
            made = stub.CreateArticle(news.CreateArticleRequest(article=article), timeout=PATIENCE)
            found = stub.GetArticle(news.GetArticleRequest(name=made.name), timeout=PATIENCE)
            self.assertEqual(found.body, body)

    def test_an_address_is_a_name_too(self):
        with open_channel(host="127.0.0.1") as channel:
            first_page(channel)

    def test_another_authority_is_not_trusted(self):
        self.assertIn("CERTIFICATE_VERIFY_FAILED", self.assert_unavailable(open_channel(authority="other-ca.pem")))

    def test_another_name_is_not_taken(self):
        name = [("grpc.ssl_target_name_override", "news.example.com")]
        self.assert_unavailable(open_channel(options=name))

    def test_clients_show_who_they_are_where_that_is_required(self):
        if REQUIRES_CLIENTS:
            self.assert_unavailable(open_channel(client=None))
            self.assert_unavailable(open_channel(client="stray-client"))
        else:
            with open_channel(client=None) as channel:
                first_page(channel)

    def test_a_client_without_tls_is_told_so(self):
        with grpc.insecure_channel(SERVER, options=[("grpc.enable_http_proxy", 0)]) as channel:
            self.assert_unavailable(channel)

    def shake_hands(self, lowest, highest, protocols=("h2",)):
        context = ssl.create_default_context(cafile=CERTIFICATES / "ca.pem")
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = lowest, highest
        context.load_cert_chain(CERTIFICATES / "client.pem", CERTIFICATES / "client.key")
        if protocols:
            context.set_alpn_protocols(list(protocols))
        with socket.create_connection(("127.0.0.1", PORT), timeout=PATIENCE) as raw:
            with context.wrap_socket(raw, server_hostname="localhost") as secured:
                return secured.version(), secured.selected_alpn_protocol()

    def test_versions(self):
        version = ssl.TLSVersion
        self.assertEqual(self.shake_hands(version.TLSv1_2, version.TLSv1_2), ("TLSv1.2", "h2"))
        self.assertEqual(self.shake_hands(version.TLSv1_2, version.TLSv1_3), ("TLSv1.3", "h2"))
        with self.assertRaises(ssl.SSLError) as caught:
            self.shake_hands(version.TLSv1_1, version.TLSv1_1)
        self.assertIn("PROTOCOL_VERSION", str(caught.exception).upper().replace(" ", "_"))

    def test_protocols_other_than_http2_are_refused(self):
        version = ssl.TLSVersion
        for protocols in [(), ("http/1.1",)]:
            with self.subTest(protocols=protocols), self.assertRaises(ssl.SSLError):
                self.shake_hands(version.TLSv1_2, version.TLSv1_3, protocols)

    def curl(self, *options, **run):
        command = ["curl", "--silent", "--show-error", "--include", "--max-time", str(PATIENCE), "--noproxy", "*"]
        return subprocess.run([*command, *options], capture_output=True, timeout=2 * PATIENCE, **run)

    def test_curl_speaks_http2_with_the_server(self):
        done = self.curl(
            "--http2", "--cacert", CERTIFICATES / "ca.pem", "--cert", CERTIFICATES / "client.pem",
            "--key", CERTIFICATES / "client.key", "-H", "content-type: application/grpc", "-H", "te: trailers",
            "--data-binary", "@-", f"https://localhost:{PORT}/news.v1.NewsService/ListArticles",
            input=struct.pack(">BI", 0, 0))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith(b"HTTP/2 200"), done.stdout[:200])
        self.assertIn(b"grpc-status: 0", done.stdout)

    def test_curl_without_tls_reads_what_is_wrong(self):
        done = self.curl(f"http://127.0.0.1:{PORT}/")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith(b"HTTP/1.1 400"), done.stdout[:200])
        self.assertIn(b"this port needs TLS", done.stdout)
