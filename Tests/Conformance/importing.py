"""ImportArticles: one answer per request, in order, however many and however bad."""

import itertools
import threading

from google.protobuf.timestamp_pb2 import Timestamp

from support import DAMAGED, LISTING, NewsTest, PATIENCE, articles, capture_of, grpc, news


def article_of(title, seconds=1_700_000_000, **fields):
    article = articles.Article(title=title, publish_time=Timestamp(seconds=seconds), **fields)
    return news.ImportArticlesRequest(article=article)


def outcomes(answers):
    return [news.ImportOutcome.Name(r.outcome).removeprefix("IMPORT_OUTCOME_") for a in answers for r in a.results]


class Importing(NewsTest):
    def test_a_capture_may_hold_several_articles_and_importing_again_changes_nothing(self):
        captures = [DAMAGED, LISTING]
        first = self.import_all([capture_of(path) for path in captures])
        self.assertEqual([a.sequence for a in first], [1, 2])
        self.assertEqual([len(a.results) for a in first], [1, 11])
        self.assertEqual(outcomes(first), ["CREATED"] * 12)
        lines = [r.line for r in first[1].results]
        self.assertEqual(lines, sorted(set(lines)))
        again = self.import_all([capture_of(path) for path in captures])
        self.assertEqual(outcomes(again), ["UNCHANGED"] * 12)
        self.assertEqual([r.name for a in again for r in a.results], [r.name for a in first for r in a.results])

    def test_answers_come_while_the_stream_is_open(self):
        answered = threading.Event()
        answers = []

        def requests():
            yield article_of("first of two")
            # The second request leaves only after the answer to the first.
            if answered.wait(PATIENCE):
                yield article_of("second of two")

        for answer in self.stub.ImportArticles(requests(), timeout=PATIENCE):
            answers.append(answer)
            answered.set()
        self.assertEqual(outcomes(answers), ["CREATED", "CREATED"])

    def test_an_item_at_fault_does_not_end_the_stream(self):
        requests = [
            article_of("good one"), article_of(""), news.ImportArticlesRequest(), article_of("nul\0"),
            news.ImportArticlesRequest(capture=articles.Capture(content=b"\xff\xfe\x00")), article_of("good two"),
        ]
        answers = self.import_all(requests)
        self.assertEqual([a.sequence for a in answers], [1, 2, 3, 4, 5, 6])
        self.assertEqual(
            outcomes(answers), ["CREATED", "REJECTED", "REJECTED", "REJECTED", "REJECTED", "CREATED"])
        for answer in answers[1:5]:
            error = answer.results[0].error
            self.assertEqual(error.code, grpc.StatusCode.INVALID_ARGUMENT.value[0])
            self.assertTrue(error.reason and error.message, error)

    def test_equal_title_and_day_is_the_same_article_and_other_content_updates_it(self):
        created, = self.import_all([article_of("same title", source="a", body="one")])
        updated, = self.import_all([article_of("same title", source="a", body="two")])
        self.assertEqual(outcomes([created, updated]), ["CREATED", "UPDATED"])
        self.assertEqual(created.results[0].name, updated.results[0].name)
        self.assertEqual(self.get(created.results[0].name).body, "two")

    def test_two_items_with_one_title_and_two_dates_stay_two(self):
        answers = self.import_all([article_of("one title", 1_700_000_000), article_of("one title", 1_710_000_000)])
        self.assertEqual(len({r.name for a in answers for r in a.results}), 2)

    def test_a_long_stream_is_answered_one_by_one_and_in_order(self):
        count = 2_000
        requests = [article_of(f"article {n}", 1_600_000_000 + n * 3_600, body="文" * 500) for n in range(count)]
        answers = self.import_all(requests)
        self.assertEqual([a.sequence for a in answers], list(range(1, count + 1)))
        self.assertEqual(outcomes(answers), ["CREATED"] * count)
        names = [a.results[0].name for a in answers]
        for name in itertools.islice(names, 0, count, 199):
            self.assertEqual(self.get(name).body, "文" * 500)

    def test_an_empty_stream_ends_well(self):
        self.assertEqual(self.import_all([]), [])
