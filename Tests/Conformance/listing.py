"""ListArticles: ranges of time, pages to the end, filters and their errors."""

from support import NewsTest, articles, grpc


class Listing(NewsTest):
    samples_imported = True

    def pages(self, page_size, **fields):
        """All articles, page by page."""
        found, token = [], ""
        for _ in range(100):
            page = self.list(page_size=page_size, page_token=token, **fields)
            self.assertLessEqual(len(page.articles), page_size)
            self.assertEqual(list(page.unreachable), [])
            found += page.articles
            token = page.next_page_token
            if not token:
                return found
        self.fail("the list does not end")

    def test_since_a_month_lists_the_ten_items_of_the_page_in_its_order(self):
        found = self.list(since="2026-02").articles
        self.assertEqual([a.stats.view_count for a in found], [62, 59, 59, 68, 58, 60, 56, 57, 63, 58])
        self.assertEqual({a.stats.comment_count for a in found}, {0})
        self.assertEqual({a.publish_time_precision for a in found}, {articles.TIME_PRECISION_DAY})
        days = [a.publish_time.seconds for a in found]
        self.assertEqual(days, sorted(days, reverse=True))
        self.assertTrue(all(a.excerpt and not a.body for a in found))

    def test_until_a_month_includes_the_month(self):
        found = self.list(since="2026-02", until="2026-02").articles
        self.assertEqual([a.publish_time.ToJsonString() for a in found], ["2026-02-26T16:00:00Z"] * 2)

    def test_bounds_are_echoed_as_instants(self):
        page = self.list(since="2026-02", until="2026-02")
        self.assertEqual(page.resolved_since.ToJsonString(), "2026-01-31T16:00:00Z")
        self.assertEqual(page.resolved_until.ToJsonString(), "2026-02-28T16:00:00Z")
        self.assertFalse(self.list().HasField("resolved_since"))

    def test_every_page_size_gives_the_same_list(self):
        whole = self.list(page_size=1000)
        self.assertEqual((len(whole.articles), whole.next_page_token), (12, ""))
        for page_size in [1, 2, 3, 5, 11, 12, 13]:
            with self.subTest(page_size):
                self.assertEqual(self.pages(page_size), list(whole.articles))

    def test_oldest_first_is_the_reverse_across_days(self):
        newest = [a.publish_time.seconds for a in self.pages(4, since="2020")]
        oldest = [a.publish_time.seconds for a in self.pages(4, since="2020", order_by="publish_time")]
        self.assertEqual(oldest, sorted(newest))

    def test_undated_articles_come_last_and_only_without_bounds(self):
        whole = self.pages(5)
        self.assertEqual([a.HasField("publish_time") for a in whole], [True] * 11 + [False])
        self.assertEqual(len(self.pages(5, since="1970")), 11)

    def test_a_channel_is_given_by_name_id_or_display_name(self):
        by_display_name = self.list(channel="资讯").articles
        self.assertGreater(len(by_display_name), 0)
        name = by_display_name[0].channel
        for channel in [name, name.removeprefix("channels/")]:
            self.assertEqual(list(self.list(channel=channel).articles), list(by_display_name))
        self.assertEqual(list(self.list(channel="no-such-channel").articles), [])

    def test_a_source_is_matched_exactly(self):
        self.assertEqual(len(self.list(source="浙江省药监局").articles), 1)
        self.assertEqual(len(self.list(source="浙江省").articles), 0)

    def test_a_token_survives_another_page_size(self):
        first = self.list(page_size=3)
        rest = self.list(page_size=100, page_token=first.next_page_token)
        self.assertEqual(list(first.articles) + list(rest.articles), list(self.list(page_size=100).articles))

    def test_a_token_of_another_request_is_refused(self):
        token = self.list(page_size=3, since="2026-02").next_page_token
        self.assert_fails(
            grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_MISMATCH",
            lambda: self.list(page_size=3, since="2026-01", page_token=token))

    def test_a_forged_token_is_refused(self):
        token = self.list(page_size=3).next_page_token
        middle = len(token) // 2
        other = "A" if token[middle] != "A" else "B"
        for forged in ["x", "AAAA", token[:-4], token + "AAAA", token[:middle] + other + token[middle + 1:]]:
            with self.subTest(forged):
                self.assert_fails(
                    grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID", lambda: self.list(page_token=forged))

    def test_a_bad_time_is_named_with_the_part_at_fault(self):
        error = self.assert_fails(
            grpc.StatusCode.INVALID_ARGUMENT, "TIME_INVALID", lambda: self.list(since="2026-13"))
        self.assertEqual(error.details(), 'since "2026-13": month must be 01 to 12')
        for text in ["2026-2", "2026-02-30", "2026-02-27T25:00", "-7x", "soon", "2026-02-27T15:55:00+99:00"]:
            with self.subTest(text):
                self.assert_fails(
                    grpc.StatusCode.INVALID_ARGUMENT, "TIME_INVALID", lambda: self.list(until=text))

    def test_a_bad_zone_order_or_size_is_refused(self):
        invalid = grpc.StatusCode.INVALID_ARGUMENT
        self.assert_fails(invalid, "TIME_INVALID", lambda: self.list(since="2026", time_zone="Mars/Base"))
        self.assert_fails(invalid, "ORDER_INVALID", lambda: self.list(order_by="title"))
        self.assert_fails(invalid, "FIELD_INVALID", lambda: self.list(page_size=-1))
