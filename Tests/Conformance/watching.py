"""WatchArticles and ListArticleChanges: positions, order, filters, purges, and what they refuse."""

import threading

from google.protobuf.duration_pb2 import Duration
from support import PATIENCE, NewsTest, articles, grpc, news

CREATED, UPDATED, DELETED, UNDELETED, PURGED = range(1, 6)


class Watching(NewsTest):
    def watch(self, **fields):
        call = self.stub.WatchArticles(news.WatchArticlesRequest(**fields), timeout=PATIENCE)
        self.addCleanup(call.cancel)
        return call

    def changes(self, **fields):
        return self.stub.ListArticleChanges(news.ListArticleChangesRequest(**fields), timeout=PATIENCE)

    def position(self):
        return self.list(page_size=1).position

    def rename(self, article, title):
        return self.stub.UpdateArticle(
            news.UpdateArticleRequest(article=articles.Article(name=article.name, title=title)), timeout=PATIENCE)

    def test_a_watch_tells_what_happens_to_an_article_in_order(self):
        watch = self.watch()
        bookmark = next(watch)
        self.assertEqual(len(bookmark.changes), 0)
        article = self.create(title="watched")
        self.assertEqual([c.kind for c in next(watch).changes], [CREATED])
        self.rename(article, "renamed")
        told = next(watch).changes
        self.assertEqual([(c.kind, c.article.title) for c in told], [(UPDATED, "renamed")])
        self.stub.DeleteArticle(news.DeleteArticleRequest(name=article.name), timeout=PATIENCE)
        deleted = next(watch).changes[0]
        self.assertEqual((deleted.kind, deleted.article.state), (DELETED, articles.ARTICLE_STATE_DELETED))
        self.stub.UndeleteArticle(news.UndeleteArticleRequest(name=article.name), timeout=PATIENCE)
        self.assertEqual([c.kind for c in next(watch).changes], [UNDELETED])
        self.stub.DeleteArticle(
            news.DeleteArticleRequest(name=article.name, purge_delay=Duration()), timeout=PATIENCE)
        # Deleted and purged at once: what is left is the name.
        last = next(watch).changes[-1]
        while last.kind != PURGED:
            last = next(watch).changes[-1]
        self.assertEqual(last.article, articles.Article(name=article.name))

    def test_list_and_watch_fit_together_while_others_write(self):
        stop, begun, made = threading.Event(), threading.Event(), []

        def write():
            while not stop.is_set() and len(made) < 2000:
                made.append(self.create(title=f"concurrent {len(made)}", source="fit").name)
                if len(made) == 20:
                    begun.set()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            self.assertTrue(begun.wait(PATIENCE))
            page = self.list(source="fit", page_size=1000)
            listed = [a.name for a in page.articles]
            watch = self.watch(position=page.position, source="fit")
        finally:
            stop.set()
            writer.join()
        told = []
        while len(listed) + len(told) < len(made):
            told += [c.article.name for c in next(watch).changes]
        self.assertEqual(len(set(listed) | set(told)), len(listed) + len(told))
        self.assertEqual(set(listed) | set(told), set(made))

    def test_polling_gives_each_change_once(self):
        start = self.position()
        names = [self.create(title=f"polled {number}").name for number in range(25)]
        seen, position, token = [], start, ""
        while True:
            page = self.changes(position=position, page_size=7, page_token=token)
            self.assertLessEqual(len(page.changes), 7)
            seen += [c.article.name for c in page.changes if c.article.name in names]
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(seen, names)
        self.assertEqual(len(self.changes(position=page.next_position).changes), 0)

    def test_a_bookmark_comes_when_nothing_else_does(self):
        watch = self.watch(channel="no such channel", bookmark_interval=Duration(seconds=1))
        positions = [next(watch).position]
        self.create(title="not for this watch")
        while len(set(positions)) < 2:
            response = next(watch)
            self.assertEqual(len(response.changes), 0)
            positions.append(response.position)

    def test_positions_of_nowhere_are_refused(self):
        for position in ["x", "AAAA", self.position()[:-2] + "zz"]:
            self.assert_fails(
                grpc.StatusCode.OUT_OF_RANGE, "POSITION_UNKNOWN", lambda: self.changes(position=position))
            self.assert_fails(
                grpc.StatusCode.OUT_OF_RANGE, "POSITION_UNKNOWN", lambda: next(self.watch(position=position)))

    def test_what_cannot_be_is_refused(self):
        self.assert_fails(
            grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID", lambda: self.changes(page_size=-1))
        self.assert_fails(
            grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID",
            lambda: next(self.watch(bookmark_interval=Duration(seconds=301))))
