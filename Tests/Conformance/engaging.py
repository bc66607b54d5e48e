"""EngagementService: views, reactions and counters, and what they refuse."""

import concurrent.futures

from google.protobuf.timestamp_pb2 import Timestamp

from support import NewsTest, PATIENCE, articles, grpc, news
from news.v1 import engagement_service_pb2 as engagement
from news.v1 import engagement_service_pb2_grpc

KINDS = engagement.ReactionKind


class Engaging(NewsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.readers = engagement_service_pb2_grpc.EngagementServiceStub(cls.channel)

    def stats(self, name):
        return self.readers.GetArticleStats(engagement.GetArticleStatsRequest(name=name), timeout=PATIENCE)

    def view(self, *counts, request_id=""):
        views = [engagement.ViewDelta(name=name, view_count=count) for name, count in counts]
        return self.readers.RecordViews(
            engagement.RecordViewsRequest(views=views, request_id=request_id), timeout=PATIENCE)

    def add(self, name, kind, actor="", request_id=""):
        return self.readers.AddReaction(
            engagement.AddReactionRequest(name=name, kind=kind, actor=actor, request_id=request_id), timeout=PATIENCE)

    def remove(self, name, kind, actor=""):
        return self.readers.RemoveReaction(
            engagement.RemoveReactionRequest(name=name, kind=kind, actor=actor), timeout=PATIENCE)

    def test_views_are_shown_beside_what_the_page_printed(self):
        article = self.create(title="viewed", stats=articles.ArticleStats(view_count=480))
        answer = self.view((article.name, 2), ("articles/20250101-absent", 1), (article.name, 3))
        self.assertEqual((answer.recorded_count, answer.missing_names), (5, ["articles/20250101-absent"]))
        # They are shown within a tenth of a second, after which every answer has them: a change tells of it.
        watch = self.stub.WatchArticles(news.WatchArticlesRequest(include_stats=True), timeout=PATIENCE)
        next(watch)  # From here on it tells.
        self.view((article.name, 7))
        for message in watch:
            found = [c.article for c in message.changes if c.article.name == article.name]
            if found and found[-1].stats.view_count == 492:
                break
        watch.cancel()
        self.assertEqual(self.stats(article.name).view_count, 492)
        seen = self.get(article.name)
        self.assertEqual((seen.stats.view_count, seen.etag), (492, article.etag))

    def test_a_reaction_counts_once_for_each_actor(self):
        article = self.create(title="liked")
        for actor in ["ann", "bob", "ann"]:
            likes = self.add(article.name, KINDS.REACTION_KIND_LIKE, actor).like_count
        self.assertEqual(likes, 2)
        self.assertEqual(self.remove(article.name, KINDS.REACTION_KIND_LIKE, "ann").like_count, 1)
        self.assertEqual(self.remove(article.name, KINDS.REACTION_KIND_LIKE, "ann").like_count, 1)
        for _ in range(3):
            self.add(article.name, KINDS.REACTION_KIND_SHARE)
        stats = self.stats(article.name)
        self.assertEqual((stats.like_count, stats.favorite_count, stats.share_count), (1, 0, 3))
        self.assertEqual(list(stats.known), [articles.COUNTER_LIKES, articles.COUNTER_SHARES])

    def test_a_repeated_request_counts_once(self):
        article = self.create(title="repeated")
        for _ in range(2):
            self.assertEqual(self.view((article.name, 4), request_id="views-1").recorded_count, 4)
            self.assertEqual(self.add(article.name, KINDS.REACTION_KIND_TIP, request_id="tip-1").tip_count, 1)
        self.assert_fails(
            grpc.StatusCode.ABORTED, "REQUEST_ID_CONFLICT",
            lambda: self.view((article.name, 5), request_id="views-1"))
        self.assert_fails(
            grpc.StatusCode.ABORTED, "REQUEST_ID_CONFLICT",
            lambda: self.add(article.name, KINDS.REACTION_KIND_SHARE, request_id="tip-1"))

    def test_64_callers_at_once_are_all_counted(self):
        time = Timestamp()
        time.FromJsonString("2025-05-06T00:00:00Z")
        article = self.create(title="busy", publish_time=time)

        def react(number):
            self.add(article.name, KINDS.REACTION_KIND_LIKE, f"actor-{number // 2}")
            self.add(article.name, KINDS.REACTION_KIND_SHARE)
            return self.view((article.name, number)).recorded_count

        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            recorded = sum(pool.map(react, range(1, 129)))
        stats = self.stats(article.name)
        self.assertEqual((stats.like_count, stats.share_count, recorded), (65, 128, 128 * 129 // 2))

    def test_what_is_refused_names_its_reason(self):
        invalid, missing = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
        absent = "articles/20250101-absent"
        for code, reason, call in [
            (invalid, "FIELD_REQUIRED", lambda: self.view()),
            (invalid, "FIELD_INVALID", lambda: self.view((absent, 0))),
            (invalid, "FIELD_INVALID", lambda: self.view(*[(absent, 1)] * 1001)),
            (invalid, "FIELD_REQUIRED", lambda: self.add(absent, KINDS.REACTION_KIND_LIKE)),
            (invalid, "FIELD_INVALID", lambda: self.remove(absent, KINDS.REACTION_KIND_SHARE, "ann")),
            (invalid, "NAME_INVALID", lambda: self.stats("absent")),
            (missing, "ARTICLE_NOT_FOUND", lambda: self.stats(absent)),
            (missing, "ARTICLE_NOT_FOUND", lambda: self.add(absent, KINDS.REACTION_KIND_LIKE, "ann")),
            (missing, "ARTICLE_NOT_FOUND", lambda: self.remove(absent, KINDS.REACTION_KIND_LIKE, "ann")),
        ]:
            self.assert_fails(code, reason, call)
