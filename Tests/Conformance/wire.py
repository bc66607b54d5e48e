"""The programs of nghttp2 against the server: every header and every answer in the open."""

import struct
import subprocess
import tempfile

from support import NewsTest, SERVER, news

HEADERS = ["-H", ":method: POST", "-H", "te: trailers", "-H", "content-type: application/grpc"]


class Wire(NewsTest):
    samples_imported = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        page = cls.stub.ListArticles(news.ListArticlesRequest(page_size=1))
        request = news.GetArticleRequest(name=page.articles[0].name).SerializeToString()
        cls.body = tempfile.NamedTemporaryFile()
        cls.body.write(struct.pack(">BI", 0, len(request)) + request)
        cls.body.flush()

    @classmethod
    def tearDownClass(cls):
        cls.body.close()
        super().tearDownClass()

    def run_tool(self, tool, *options, path="/news.v1.NewsService/GetArticle"):
        command = [tool, *options, "-d", self.body.name, f"http://{SERVER}{path}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, errors="replace")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_nghttp_sees_headers_data_and_trailers(self):
        out = self.run_tool("nghttp", "-nv", *HEADERS)
        for text in [":status: 200", "content-type: application/grpc", "grpc-status: 0"]:
            self.assertIn(text, out)
        self.assertEqual(out.count("grpc-status:"), 1)

    def test_nghttp_sees_one_block_of_headers_when_a_call_fails(self):
        out = self.run_tool("nghttp", "-nv", *HEADERS, path="/news.v1.NewsService/Nothing")
        self.assertIn(":status: 200", out)
        self.assertIn("grpc-status: 12", out)

    def test_nghttp_is_told_what_is_not_grpc(self):
        get = self.run_tool("nghttp", "-nv", "-H", ":method: PUT", "-H", "content-type: application/grpc")
        self.assertIn(":status: 405", get)
        text = self.run_tool("nghttp", "-nv", "-H", ":method: POST", "-H", "content-type: text/plain")
        self.assertIn(":status: 415", text)

    def test_nghttp_is_told_which_compression_is_known(self):
        with tempfile.NamedTemporaryFile() as body:
            body.write(struct.pack(">BI", 1, 3) + b"abc")
            body.flush()
            path = f"http://{SERVER}/news.v1.NewsService/GetArticle"
            command = ["nghttp", "-nv", *HEADERS, "-H", "grpc-encoding: snappy", "-d", body.name, path]
            out = subprocess.run(command, capture_output=True, text=True, timeout=60, errors="replace").stdout
        self.assertIn("grpc-status: 12", out)
        self.assertIn("grpc-accept-encoding: identity,deflate,gzip", out)

    def test_h2load_counts_only_successes(self):
        for clients, streams, count in [(1, 1, 200), (4, 32, 4000), (16, 100, 4000)]:
            with self.subTest(clients=clients, streams=streams):
                out = self.run_tool("h2load", f"-n{count}", f"-c{clients}", f"-m{streams}", *HEADERS)
                self.assertIn(f"{count} succeeded, 0 failed, 0 errored, 0 timeout", out)
                self.assertIn(f"status codes: {count} 2xx, 0 3xx, 0 4xx, 0 5xx", out)
