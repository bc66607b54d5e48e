"""UpdateArticle, DeleteArticle and UndeleteArticle: masks, etags, moves, repeated requests, and what they refuse."""

import concurrent.futures

from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from support import NewsTest, PATIENCE, articles, grpc, news


def instant(text):
    time = Timestamp()
    time.FromJsonString(text)
    return time


class Changing(NewsTest):
    def update(self, mask=None, allow_missing=False, request_id="", validate_only=False, **fields):
        request = news.UpdateArticleRequest(
            article=articles.Article(**fields), allow_missing=allow_missing, request_id=request_id,
            validate_only=validate_only)
        if mask is not None:
            request.update_mask.CopyFrom(FieldMask(paths=mask))
        return self.stub.UpdateArticle(request, timeout=PATIENCE)

    def delete(self, name, **fields):
        return self.stub.DeleteArticle(news.DeleteArticleRequest(name=name, **fields), timeout=PATIENCE)

    def undelete(self, name, **fields):
        return self.stub.UndeleteArticle(news.UndeleteArticleRequest(name=name, **fields), timeout=PATIENCE)

    def names(self, **fields):
        return [a.name for a in self.list(page_size=1000, **fields).articles]

    def test_a_mask_names_what_changes(self):
        old = self.create(title="old", source="kept", subtitle="goes", publish_time=instant("2025-05-06T00:00:00Z"))
        new = self.update(["title", "subtitle"], name=old.name, title="new", source="ignored")
        self.assertEqual((new.title, new.source, new.subtitle), ("new", "kept", ""))
        self.assertGreater(new.revision, old.revision)
        self.assertEqual(self.get(old.name), new)

    def test_a_new_time_moves_the_article_and_keeps_its_name(self):
        old = self.create(title="moves", publish_time=instant("2025-05-06T00:00:00Z"))
        for time in ["2024-11-11T00:00:00Z", "2025-05-07T00:00:00Z", "2023-01-01T00:00:00Z"]:
            new = self.update(["publish_time"], name=old.name, publish_time=instant(time))
            self.assertEqual((new.name, new.publish_time), (old.name, instant(time)))
            self.assertEqual(self.names().count(old.name), 1)
            self.assertIn(old.name, self.names(since=time[:10], until=time[:10]))
            self.assertEqual(self.get(old.name), new)

    def test_of_many_with_one_etag_one_wins(self):
        article = self.create(title="contended")
        def attempt(number):
            try:
                return self.update(["title"], name=article.name, etag=article.etag, title=f"by {number}")
            except grpc.RpcError as error:
                self.assertEqual(error.code(), grpc.StatusCode.ABORTED)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            winners = [w for w in pool.map(attempt, range(64)) if w]
        self.assertEqual(len(winners), 1)
        self.assertEqual(self.get(article.name), winners[0])

    def test_a_stale_etag_is_refused(self):
        article = self.create(title="tagged")
        self.update(name=article.name, etag=article.etag, title="changed")
        for call in [
            lambda: self.update(name=article.name, etag=article.etag, title="lost"),
            lambda: self.delete(article.name, etag=article.etag),
        ]:
            self.assert_fails(grpc.StatusCode.ABORTED, "ETAG_MISMATCH", call)

    def test_a_repeated_request_is_done_once(self):
        article = self.create(title="repeated")
        request = dict(name=article.name, etag=article.etag, title="once", request_id="a-request")
        first = self.update(**request)
        self.assertEqual(self.update(**request), first)
        self.assert_fails(
            grpc.StatusCode.ABORTED, "REQUEST_ID_CONFLICT", lambda: self.update(**{**request, "title": "other"}))

    def test_an_absent_article_may_be_made(self):
        name = "articles/made-by-update"
        self.assert_fails(
            grpc.StatusCode.NOT_FOUND, "ARTICLE_NOT_FOUND", lambda: self.update(name=name, title="made"))
        self.update(name=name, title="made", allow_missing=True, validate_only=True)
        self.assert_fails(grpc.StatusCode.NOT_FOUND, "ARTICLE_NOT_FOUND", lambda: self.get(name))
        self.assertEqual(self.update(name=name, title="made", allow_missing=True), self.get(name))

    def test_a_deleted_article_leaves_the_lists_and_comes_back(self):
        article = self.create(title="deleted", publish_time=instant("2025-05-06T00:00:00Z"))
        deleted = self.delete(article.name)
        self.assertEqual(deleted.state, articles.ARTICLE_STATE_DELETED)
        self.assertEqual(deleted.purge_time.seconds - deleted.delete_time.seconds, 30 * 86400)
        self.assertEqual(self.get(article.name), deleted)
        self.assertNotIn(article.name, self.names())
        self.assertIn(article.name, self.names(show_deleted=True))
        self.assert_fails(
            grpc.StatusCode.FAILED_PRECONDITION, "ARTICLE_DELETED",
            lambda: self.update(name=article.name, title="no"))
        self.assert_fails(grpc.StatusCode.NOT_FOUND, "ARTICLE_NOT_FOUND", lambda: self.delete(article.name))
        self.assertEqual(self.delete(article.name, allow_missing=True), deleted)
        back = self.undelete(article.name, etag=deleted.etag)
        self.assertFalse(back.HasField("delete_time"))
        self.assertIn(article.name, self.names())
        self.assert_fails(
            grpc.StatusCode.ALREADY_EXISTS, "ARTICLE_NOT_DELETED", lambda: self.undelete(article.name))

    def test_an_article_can_be_removed_for_good(self):
        article = self.create(title="purged")
        self.delete(article.name, purge_delay=Duration())
        self.assert_fails(grpc.StatusCode.NOT_FOUND, "ARTICLE_NOT_FOUND", lambda: self.get(article.name))
        self.assertNotIn(article.name, self.names(show_deleted=True))

    def test_fields_at_fault_are_refused(self):
        name = self.create(title="whole").name
        invalid = grpc.StatusCode.INVALID_ARGUMENT
        for reason, call in [
            ("MASK_INVALID", lambda: self.update(["no_such_field"], name=name)),
            ("FIELD_REQUIRED", lambda: self.update(["title"], name=name)),
            ("NAME_INVALID", lambda: self.update(name="no", title="t")),
            ("FIELD_INVALID", lambda: self.delete(name, purge_delay=Duration(seconds=-1))),
            ("FIELD_REQUIRED", lambda: self.undelete("")),
        ]:
            with self.subTest(reason):
                self.assert_fails(invalid, reason, call)
