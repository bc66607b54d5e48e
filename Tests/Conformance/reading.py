"""GetArticle and BatchGetArticles, as grpcio sees them."""

import hashlib

from support import DAMAGED, NewsTest, PATIENCE, articles, grpc, news


class Reading(NewsTest):
    samples_imported = True

    def first(self):
        return self.list(since="2024-03", until="2024-03").articles[0]

    def test_full_is_the_default_view(self):
        article = self.get(self.first().name)
        self.assertEqual(len(article.body.split("\n\n")), 4)
        self.assertEqual(article.publish_time.ToJsonString(), "2024-03-13T07:55:00Z")
        self.assertEqual(article.publish_time_precision, articles.TIME_PRECISION_MINUTE)
        self.assertEqual((article.editor, article.channel_display_name), ("huamei", "资讯"))
        self.assertEqual((article.stats.view_count, article.stats.share_count), (480, 3))
        self.assertEqual(article.state, articles.ARTICLE_STATE_ACTIVE)

    def test_length_and_digest_are_those_of_the_body(self):
        article = self.get(self.first().name)
        self.assertEqual(article.body_length, len(article.body))
        self.assertEqual(article.body_sha256, hashlib.sha256(article.body.encode()).digest())

    def test_basic_view_lacks_the_body_only(self):
        name = self.first().name
        full, basic = self.get(name), self.get(name, articles.ARTICLE_VIEW_BASIC)
        self.assertEqual(basic.body, "")
        self.assertEqual(basic.body_length, full.body_length)
        self.assertEqual((basic.title, basic.etag, basic.revision), (full.title, full.etag, full.revision))

    def test_capture_view_brings_the_page_as_it_was_sent(self):
        undated = [a for a in self.list(page_size=100).articles if not a.HasField("publish_time")]
        self.assertEqual(len(undated), 1)
        article = self.get(undated[0].name, articles.ARTICLE_VIEW_CAPTURE)
        self.assertEqual(article.capture.content, DAMAGED.read_bytes())
        self.assertEqual(article.capture.file_name, DAMAGED.name)
        self.assertEqual(article.publish_time_precision, articles.TIME_PRECISION_UNKNOWN)
        self.assertGreater(len(article.text_issues), 0)

    def test_etag_is_quoted(self):
        self.assertRegex(self.get(self.first().name).etag, r'^"[!#-~]+"$')

    def test_absent_article_is_not_found(self):
        self.assert_fails(
            grpc.StatusCode.NOT_FOUND, "ARTICLE_NOT_FOUND", lambda: self.get("articles/20240313-000000000000"))

    def test_malformed_names_are_invalid(self):
        for name in ["articles/", "articles/ab", "articles/UPPER-CASE", "channels/abc", "articles/a/b", "xyz"]:
            with self.subTest(name):
                self.assert_fails(grpc.StatusCode.INVALID_ARGUMENT, "NAME_INVALID", lambda: self.get(name))

    def test_empty_name_is_required(self):
        self.assert_fails(grpc.StatusCode.INVALID_ARGUMENT, "FIELD_REQUIRED", lambda: self.get(""))

    def batch(self, names, allow_missing=False):
        request = news.BatchGetArticlesRequest(names=names, allow_missing=allow_missing)
        return self.stub.BatchGetArticles(request, timeout=PATIENCE)

    def test_batch_answers_in_the_order_of_the_request(self):
        names = [a.name for a in self.list(since="2026-02").articles]
        wanted = [names[3], names[0], names[3]]
        self.assertEqual([a.name for a in self.batch(wanted).articles], wanted)

    def test_batch_is_all_or_none(self):
        absent = "articles/20240313-000000000000"
        self.assert_fails(
            grpc.StatusCode.NOT_FOUND, "ARTICLE_NOT_FOUND", lambda: self.batch([self.first().name, absent]))

    def test_batch_may_leave_absent_articles_out(self):
        absent = "articles/20240313-000000000000"
        answer = self.batch([absent, self.first().name], allow_missing=True)
        self.assertEqual([a.name for a in answer.articles], [self.first().name])
        self.assertEqual(list(answer.missing_names), [absent])

    def test_batch_takes_1_to_100_names(self):
        name = self.first().name
        self.assertEqual(len(self.batch([name] * 100).articles), 100)
        self.assert_fails(grpc.StatusCode.INVALID_ARGUMENT, "FIELD_REQUIRED", lambda: self.batch([]))
        self.assert_fails(grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID", lambda: self.batch([name] * 101))
