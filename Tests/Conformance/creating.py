"""CreateArticle: ids, repeated requests, channels, and what it refuses."""

from google.protobuf.timestamp_pb2 import Timestamp

from support import NewsTest, articles, grpc


def instant(text):
    time = Timestamp()
    time.FromJsonString(text)
    return time


class Creating(NewsTest):
    def test_an_article_is_read_back_as_it_was_written(self):
        created = self.create(
            title="药品检查", body="第一段\n\n第二段", publish_time=instant("2025-05-06T07:08:09Z"), source="某报",
            channel="要闻", labels=["药品", "检查"], language_code="zh-Hans",
            byline=articles.Byline(authors=["甲"], reporters=["乙"]))
        self.assertRegex(created.name, r"^articles/20250506-[0-9a-z]{12}$")
        self.assertEqual(created.channel_display_name, "要闻")
        self.assertEqual(created.publish_time_precision, articles.TIME_PRECISION_SECOND)
        self.assertEqual(list(created.labels), ["药品", "检查"])
        self.assertGreater(created.revision, 0)
        self.assertEqual(self.get(created.name), created)

    def test_the_client_may_choose_the_id(self):
        created = self.create("my-own-article", title="mine", publish_time=instant("2025-06-01T00:00:00Z"))
        self.assertEqual(created.name, "articles/my-own-article")
        self.assertEqual(self.get("articles/my-own-article").title, "mine")
        self.assert_fails(
            grpc.StatusCode.ALREADY_EXISTS, "ARTICLE_EXISTS",
            lambda: self.create("my-own-article", title="mine too", publish_time=instant("2024-01-01T00:00:00Z")))

    def test_a_repeated_request_gives_the_first_answer_again(self):
        request = dict(request_id="6a0c1c3e-2c6e-4c3e-9f1e-2f6f0e2b7a10", title="once", body="b")
        first = self.create(**request)
        self.assertEqual(self.create(**request), first)
        self.assertEqual([a.title for a in self.list(page_size=1000).articles].count("once"), 1)

    def test_a_request_id_with_other_content_is_a_conflict(self):
        request_id = "d3b07384-d113-4ec6-a5d1-3b1c4b0e0f11"
        self.create(request_id=request_id, title="this")
        self.assert_fails(
            grpc.StatusCode.ABORTED, "REQUEST_ID_CONFLICT", lambda: self.create(request_id=request_id, title="that"))

    def test_validate_only_checks_and_stores_nothing(self):
        before = len(self.list(page_size=1000).articles)
        self.create(validate_only=True, title="never stored", publish_time=instant("2025-07-01T00:00:00Z"))
        self.assertEqual(len(self.list(page_size=1000).articles), before)
        self.assert_fails(
            grpc.StatusCode.INVALID_ARGUMENT, "FIELD_REQUIRED", lambda: self.create(validate_only=True))

    def test_an_absent_channel_may_be_refused(self):
        self.assert_fails(
            grpc.StatusCode.FAILED_PRECONDITION, "CHANNEL_NOT_FOUND",
            lambda: self.create(require_channel=True, title="t", channel="nowhere"))

    def test_an_article_without_a_time_is_undated(self):
        created = self.create(title="undated")
        self.assertTrue(created.name.startswith("articles/00000000-"))
        self.assertFalse(created.HasField("publish_time"))

    def test_fields_at_fault_are_refused(self):
        invalid = grpc.StatusCode.INVALID_ARGUMENT
        cases = [
            ("FIELD_REQUIRED", dict(title="")),
            ("FIELD_INVALID", dict(title="x" * 501)),
            ("FIELD_INVALID", dict(title="two\nlines")),
            ("FIELD_INVALID", dict(title="t", source="x" * 201)),
            ("FIELD_INVALID", dict(title="t", labels=["x"] * 51)),
            ("FIELD_INVALID", dict(title="t", body="x" * 1_000_001)),
            ("TEXT_INVALID", dict(title="a\0b")),
            ("TEXT_INVALID", dict(title="t", body="a\0b")),
            ("NAME_INVALID", dict(article_id="No", title="t")),
        ]
        for reason, fields in cases:
            with self.subTest(reason=reason, fields={k: str(v)[:20] for k, v in fields.items()}):
                self.assert_fails(invalid, reason, lambda: self.create(**fields))

    def test_the_longest_lawful_texts_are_kept_whole(self):
        article = self.create(title="题" * 500, source="源" * 200, body="文" * 1_000_000)
        stored = self.get(article.name)
        self.assertEqual((len(stored.title), len(stored.source), len(stored.body)), (500, 200, 1_000_000))
