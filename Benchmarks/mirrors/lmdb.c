// The same work as newsrpc's, in C: one LMDB environment for each month; an article is got by its id and its counters
// by the key of its row, a page of a list is two cursors in step; CRC-32C over key and value of each; the stored
// message is copied into the reply, and the fields that are not stored (counters, state, revision, etag, name of the
// channel) are encoded behind it. It loads what a real server has answered, and stops unless it would answer with the
// same bytes.
//
//   lmdb PORT DIRECTORY GET-REQUESTS GET-REPLIES LIST-REQUESTS LIST-REPLIES
//
// Values are laid out as newsrpc lays them out (a head of 64 bytes, in rows 32 more, counters of 104), so that pages of
// LMDB hold as many.
#include "crc32c.h"
#include "mirror.h"
#include "wire.h"

#include <inttypes.h>
#include <lmdb.h>
#include <news/v1/news_service.pb-c.h>
#include <sys/stat.h>
#include <time.h>

enum { HEAD = 64, LINKS = 32, STATS = 104, VALUE_MAX = 4080, ID_MAX = 64, ROW_KEY_MAX = 17 + ID_MAX };
enum { SHARD_MAX = 256, CHANNEL_MAX = 256, TAIL_MAX = 512, PAGE_MAX = 1000 };

// Fields of Article that are not part of the stored message, and two that are.
enum { TAG_STATS = 9, TAG_STATE = 11, TAG_REVISION = 14, TAG_ETAG = 15, TAG_CREATED = 22, TAG_UPDATED = 23 };
enum { TAG_CHANNEL = 33 };
enum { TAG_NAME = 1, TAG_PUBLISHED = 4 };

// Times are microseconds since 1970.
typedef struct {
    uint32_t crc;
    uint8_t layout, precision;
    uint16_t page_order;
    uint64_t revision;
    int64_t published;
    uint32_t channel;
    uint16_t piece_count, zero;
    int64_t created, updated, expires, deleted;
} Head;
_Static_assert(sizeof(Head) == HEAD, "a head has 64 bytes");

typedef struct {
    uint32_t crc;
    uint8_t layout, known_base, known_events, zero;
    uint64_t base[6], events[6];
} Stats;
_Static_assert(sizeof(Stats) == STATS, "counters have 104 bytes");

typedef struct {
    int month;  // 202602
    MDB_env *environment;
    MDB_dbi articles, rows, stats;
    MDB_txn *reader;
    MDB_cursor *row_cursor, *stats_cursor;
    int is_touched;  // its reader holds a snapshot, until the end of the turn
} Shard;

static Shard shards[SHARD_MAX];  // the oldest first
static int shard_count;
// The name of each channel as a field of Article; number 0 is none.
static struct {
    uint8_t field[300];
    size_t count;
} channels[CHANNEL_MAX];
static uint32_t channel_count = 1;
static int64_t current_time;  // read once a turn
// What follows the articles of a page: the token, and what `until` was understood as.
static Bytes list_ends[2];

static void check(int code, const char *what) {
    if (code) stop(what, mdb_strerror(code));
}

// ---------- keys and checksums ----------

static uint8_t *base32hex(uint8_t *at, uint64_t value, int count) {
    static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
    for (int shift = (count - 1) * 5; shift >= 0; shift -= 5) *at++ = (uint8_t)digits[value >> shift & 31];
    return at;
}

// 13 characters that sort the newest first, 4 of the order on the page, the id.
static size_t row_key(uint8_t *key, int64_t published, uint16_t page_order, const uint8_t *id, size_t id_count) {
    uint8_t *at = base32hex(base32hex(key, (uint64_t)(INT64_MAX - published), 13), page_order, 4);
    memcpy(at, id, id_count);
    return (size_t)(at - key) + id_count;
}

static uint32_t checksum(const void *key, size_t key_count, const uint8_t *value, size_t count) {
    return newsrpc_crc32c(newsrpc_crc32c(0, key, key_count), value + 4, count - 4);
}

static int is_sound(const MDB_val *key, const MDB_val *value) {
    uint32_t stored;
    memcpy(&stored, value->mv_data, 4);
    return stored == checksum(key->mv_data, key->mv_size, value->mv_data, value->mv_size);
}

// ---------- the tail: what is not part of the stored message ----------

static uint8_t *stats_put(uint8_t *at, const Stats *stats) {
    uint8_t message[128], *end = message, known = stats->known_base | stats->known_events, list[6];
    size_t known_count = 0;
    for (uint32_t i = 0; i < 6; i++) {
        uint64_t count = stats->base[i] + stats->events[i];
        if (count) end = number_put(end, i + 2, count);
        if (known >> i & 1) list[known_count++] = (uint8_t)(i + 1);
    }
    if (known_count) end = bytes_put(end, 10, list, known_count);
    return end == message ? at : bytes_put(at, TAG_STATS, message, (size_t)(end - message));
}

static uint8_t *etag_put(uint8_t *at, uint64_t revision) {
    uint8_t digits[20], *start = digits + sizeof digits;
    do *--start = (uint8_t)('0' + revision % 10);
    while (revision /= 10);
    size_t count = (size_t)(digits + sizeof digits - start);
    *at++ = TAG_ETAG << 3 | 2;
    *at++ = (uint8_t)(count + 2);
    *at++ = '"';
    memcpy(at, start, count);
    at[count] = '"';
    return at + count + 1;
}

static uint8_t *time_put(uint8_t *at, uint32_t number, int64_t microseconds) {
    uint8_t message[24], *end = number_put(message, 1, (uint64_t)(microseconds / 1000000));
    int64_t rest = microseconds % 1000000;
    if (rest) end = number_put(end, 2, (uint64_t)rest * 1000);
    return bytes_put(at, number, message, (size_t)(end - message));
}

static uint8_t *tail_put(uint8_t *at, const Head *head, const Stats *stats) {
    at = stats_put(at, stats);
    at = number_put(at, TAG_STATE, head->published > current_time ? 2 : 1);
    at = number_put(at, TAG_REVISION, head->revision);
    at = etag_put(at, head->revision);
    at = time_put(at, TAG_CREATED, head->created);
    at = time_put(at, TAG_UPDATED, head->updated);
    memcpy(at, channels[head->channel].field, channels[head->channel].count);
    return at + channels[head->channel].count;
}

static int is_of_tail(uint32_t number) {
    return number == TAG_STATS || number == TAG_STATE || number == TAG_REVISION || number == TAG_ETAG ||
           number == TAG_CREATED || number == TAG_UPDATED || number == TAG_CHANNEL;
}

static uint32_t channel_number(Bytes name) {
    uint8_t field[sizeof channels->field];
    if (name.count + 4 > sizeof field) stop("dump", "a channel with a long name");
    size_t count = (size_t)(bytes_put(field, TAG_CHANNEL, name.bytes, name.count) - field);
    for (uint32_t i = 1; i < channel_count; i++)
        if (channels[i].count == count && !memcmp(channels[i].field, field, count)) return i;
    if (channel_count == CHANNEL_MAX) stop("dump", "more channels than fit");
    channels[channel_count].count = count;
    memcpy(channels[channel_count].field, field, count);
    return channel_count++;
}

static int64_t time_read(Bytes message) {
    int64_t microseconds = 0;
    Field part;
    while (field_read(&message, &part))
        microseconds += part.number == 1 ? (int64_t)part.value * 1000000 : (int64_t)part.value / 1000;
    return microseconds;
}

static void stats_read(Bytes message, Stats *stats) {
    Field field;
    while (field_read(&message, &field)) {
        if (field.number >= 2 && field.number <= 7) stats->base[field.number - 2] = field.value;
        if (field.number != 10) continue;
        Bytes list = field.bytes;
        while (list.count) stats->known_base |= (uint8_t)(1 << (varint_read(&list) - 1));
    }
}

typedef struct {
    Head head;
    Stats stats;
    Bytes id, stored;
} Article;

// Takes an Article message apart into what is stored and what is not.
static Article article_read(Bytes message) {
    Article article = {.head = {.layout = 1, .precision = 1}, .stats = {.layout = 1}};
    const uint8_t *end = message.bytes + message.count, *tail = NULL;
    Bytes rest = message;
    Field field;
    while (field_read(&rest, &field)) {
        if (!is_of_tail(field.number)) {
            tail = NULL;
        } else if (!tail) {
            tail = field.start;
        }
        switch (field.number) {
        case TAG_NAME: article.id = (Bytes){field.bytes.bytes + 9, field.bytes.count - 9}; break;  // after "articles/"
        case TAG_PUBLISHED: article.head.published = time_read(field.bytes); break;
        case TAG_CREATED: article.head.created = time_read(field.bytes); break;
        case TAG_UPDATED: article.head.updated = time_read(field.bytes); break;
        case TAG_STATS: stats_read(field.bytes, &article.stats); break;
        case TAG_REVISION: article.head.revision = field.value; break;
        case TAG_CHANNEL: article.head.channel = channel_number(field.bytes); break;
        }
    }
    if (!tail) tail = end;
    if (article.id.count > ID_MAX || article.id.count < 8) stop("dump", "an article without a dated id");
    article.stored = (Bytes){message.bytes, (size_t)(tail - message.bytes)};
    uint8_t again[TAIL_MAX];
    size_t count = (size_t)(tail_put(again, &article.head, &article.stats) - again);
    if (count != (size_t)(end - tail) || memcmp(again, tail, count))
        stop("dump", "this mirror would not write the same bytes as the server");
    return article;
}

// ---------- loading ----------

static int month_of(const uint8_t *id) {
    int month = 0;
    for (int i = 0; i < 6; i++) month = month * 10 + id[i] - '0';
    return month;
}

static Shard *shard_of(const uint8_t *id) {
    int month = month_of(id);
    int low = 0, high = shard_count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (shards[middle].month < month) low = middle + 1;
        else high = middle;
    }
    return low < shard_count && shards[low].month == month ? shards + low : NULL;
}

static void shard_make(const char *directory, Bytes id) {
    if (shard_of(id.bytes)) return;
    if (shard_count == SHARD_MAX) stop("dump", "more months than fit");
    int at = shard_count++, month = month_of(id.bytes);
    for (; at > 0 && shards[at - 1].month > month; at--) shards[at] = shards[at - 1];
    Shard *shard = shards + at;
    *shard = (Shard){.month = month};
    char path[4096];
    snprintf(path, sizeof path, "%s/%d", directory, month);
    if (mkdir(path, 0700)) stop(path, "cannot be made");
    check(mdb_env_create(&shard->environment), "mdb_env_create");
    mdb_env_set_maxdbs(shard->environment, 3);
    mdb_env_set_mapsize(shard->environment, 1ul << 32);
    check(mdb_env_open(shard->environment, path, MDB_NOTLS | MDB_NORDAHEAD | MDB_NOSYNC, 0600), path);
    MDB_txn *writer;
    check(mdb_txn_begin(shard->environment, NULL, 0, &writer), "mdb_txn_begin");
    check(mdb_dbi_open(writer, "articles", MDB_CREATE, &shard->articles), "mdb_dbi_open");
    check(mdb_dbi_open(writer, "rows", MDB_CREATE, &shard->rows), "mdb_dbi_open");
    check(mdb_dbi_open(writer, "stats", MDB_CREATE, &shard->stats), "mdb_dbi_open");
    check(mdb_txn_commit(writer), "mdb_txn_commit");
}

static void put(MDB_txn *writer, MDB_dbi table, const void *key, size_t key_count, uint8_t *value, size_t count) {
    if (count > VALUE_MAX) stop("dump", "an article that does not fit into one value");
    uint32_t crc = checksum(key, key_count, value, count);
    memcpy(value, &crc, 4);
    MDB_val k = {key_count, (void *)key}, v = {count, value};
    check(mdb_put(writer, table, &k, &v, 0), "mdb_put");
}

static void store(const Article *article, int is_row) {
    Shard *shard = shard_of(article->id.bytes);
    MDB_txn *writer;
    check(mdb_txn_begin(shard->environment, NULL, 0, &writer), "mdb_txn_begin");
    uint8_t value[VALUE_MAX + 16384] = {0}, key[ROW_KEY_MAX];
    memcpy(value, &article->head, HEAD);
    size_t start = is_row ? HEAD + LINKS : HEAD;
    if (article->stored.count > sizeof value - start) stop("dump", "an article that does not fit");
    memcpy(value + start, article->stored.bytes, article->stored.count);
    size_t key_count = row_key(key, article->head.published, 0, article->id.bytes, article->id.count);
    if (is_row) {
        put(writer, shard->rows, key, key_count, value, start + article->stored.count);
    } else {
        put(writer, shard->articles, article->id.bytes, article->id.count, value, start + article->stored.count);
        Stats stats = article->stats;
        put(writer, shard->stats, key, key_count, (uint8_t *)&stats, STATS);
    }
    check(mdb_txn_commit(writer), "mdb_txn_commit");
}

static void load_page(Bytes page) {
    Field field;
    while (field_read(&page, &field)) {
        if (field.number != 1) continue;
        Article article = article_read(field.bytes);
        store(&article, 1);
    }
}

// The first page of the dump is that of the plain request, the second of one with `until`.
static void note_end(Bytes page, int index) {
    if (index >= 2) return;
    const uint8_t *end = page.bytes + page.count;
    Field field;
    while (field_read(&page, &field))
        if (field.number != 1) {
            list_ends[index] = (Bytes){field.start, (size_t)(end - field.start)};
            return;
        }
}

void store_open(int argument_count, char **arguments) {
    if (argument_count != 5) stop("usage", "PORT DIRECTORY GET-REQUESTS GET-REPLIES LIST-REQUESTS LIST-REPLIES");
    current_time = (int64_t)time(NULL) * 1000000;
    Dump articles = dump_open(arguments[2]), pages = dump_open(arguments[4]);
    Bytes message;
    while (dump_next(&articles, &message)) {
        Article article = article_read(message);
        shard_make(arguments[0], article.id);
        store(&article, 0);
    }
    for (int index = 0; dump_next(&pages, &message); index++) {
        note_end(message, index);
        load_page(message);
    }
    for (int i = 0; i < shard_count; i++) {
        Shard *shard = shards + i;
        check(mdb_txn_begin(shard->environment, NULL, MDB_RDONLY, &shard->reader), "mdb_txn_begin");
        check(mdb_cursor_open(shard->reader, shard->rows, &shard->row_cursor), "mdb_cursor_open");
        check(mdb_cursor_open(shard->reader, shard->stats, &shard->stats_cursor), "mdb_cursor_open");
        mdb_txn_reset(shard->reader);
    }
}

// ---------- answering ----------

static void touch(Shard *shard) {
    if (shard->is_touched) return;
    check(mdb_txn_renew(shard->reader), "mdb_txn_renew");
    check(mdb_cursor_renew(shard->reader, shard->row_cursor), "mdb_cursor_renew");
    check(mdb_cursor_renew(shard->reader, shard->stats_cursor), "mdb_cursor_renew");
    shard->is_touched = 1;
}

void store_turn_ended(void) {
    current_time = (int64_t)time(NULL) * 1000000;
    for (int i = 0; i < shard_count; i++) {
        if (!shards[i].is_touched) continue;
        mdb_txn_reset(shards[i].reader);
        shards[i].is_touched = 0;
    }
}

static int get_article(const uint8_t *id, size_t id_count, Reply *reply) {
    if (id_count < 8 || id_count > ID_MAX) return 5;
    Shard *shard = shard_of(id);
    if (!shard) return 5;
    touch(shard);
    MDB_val key = {id_count, (void *)id}, value, counters;
    if (mdb_get(shard->reader, shard->articles, &key, &value)) return 5;
    if (!is_sound(&key, &value)) return 15;
    const Head *head = value.mv_data;
    uint8_t row[ROW_KEY_MAX];
    MDB_val second = {row_key(row, head->published, head->page_order, id, id_count), row};
    if (mdb_get(shard->reader, shard->stats, &second, &counters) || !is_sound(&second, &counters)) return 15;
    size_t count = value.mv_size - HEAD;
    uint8_t *start = reply_begin(count + TAIL_MAX);
    memcpy(start, (uint8_t *)value.mv_data + HEAD, count);
    uint8_t *end = tail_put(start + count, head, counters.mv_data);
    *reply = reply_end(start, (size_t)(end - start));
    return 0;
}

// The first instant after the day "2026-02-27", in microseconds, UTC.
static int64_t end_of_day(const char *text) {
    struct tm day = {0};
    if (sscanf(text, "%d-%d-%d", &day.tm_year, &day.tm_mon, &day.tm_mday) != 3) return INT64_MAX;
    day.tm_year -= 1900, day.tm_mon -= 1, day.tm_mday += 1;
    return timegm(&day) * 1000000;
}

// Appends rows of one shard, from those before `until` on. The end of what was written, NULL when a value is damaged.
static uint8_t *scan(Shard *shard, int64_t until, int *left, uint8_t *at) {
    uint8_t from[13];
    base32hex(from, (uint64_t)(INT64_MAX - (until - 1)), 13);
    MDB_val key = {13, from}, row, stats_key, counters;
    touch(shard);
    int code = mdb_cursor_get(shard->row_cursor, &key, &row, MDB_SET_RANGE);
    if (code == MDB_NOTFOUND) return at;
    stats_key = key;
    if (mdb_cursor_get(shard->stats_cursor, &stats_key, &counters, MDB_SET_RANGE)) return NULL;
    while (!code && *left > 0) {
        if (stats_key.mv_size != key.mv_size || memcmp(stats_key.mv_data, key.mv_data, key.mv_size)) return NULL;
        if (!is_sound(&key, &row) || !is_sound(&key, &counters)) return NULL;
        size_t count = row.mv_size - HEAD - LINKS;
        uint8_t *start = at + 3;
        memcpy(start, (uint8_t *)row.mv_data + HEAD + LINKS, count);
        uint8_t *end = tail_put(start + count, row.mv_data, counters.mv_data);
        size_t length = (size_t)(end - start);
        if (length < 128 || length > 16383) return NULL;  // Its length would not take two bytes.
        at[0] = 0x0a, at[1] = (uint8_t)(length | 128), at[2] = (uint8_t)(length >> 7);
        at = end;
        (*left)--;
        code = mdb_cursor_get(shard->row_cursor, &key, &row, MDB_NEXT);
        if (!code && mdb_cursor_get(shard->stats_cursor, &stats_key, &counters, MDB_NEXT)) return NULL;
    }
    return at;
}

static int list_articles(const News__V1__ListArticlesRequest *request, Reply *reply) {
    int left = request->page_size > 0 ? request->page_size : 50;
    if (left > PAGE_MAX) left = PAGE_MAX;
    char until_text[16] = {0};
    int has_until = request->until.len > 0 && request->until.len < sizeof until_text;
    if (has_until) memcpy(until_text, request->until.data, request->until.len);
    int64_t until = has_until ? end_of_day(until_text) : current_time;
    uint8_t *start = reply_begin((size_t)left * VALUE_MAX), *at = start;
    for (int i = shard_count - 1; i >= 0 && left > 0; i--)
        if (!(at = scan(shards + i, until, &left, at))) return 15;
    Bytes end = list_ends[has_until];
    memcpy(at, end.bytes, end.count);
    *reply = reply_end(start, (size_t)(at - start) + end.count);
    return 0;
}

int store_answer(enum Method method, const uint8_t *message, size_t count, Reply *reply) {
    message_reset();
    if (method == LIST_ARTICLES) {
        News__V1__ListArticlesRequest *request =
            news__v1__list_articles_request__unpack(&message_allocator, count, message);
        return request ? list_articles(request, reply) : 13;
    }
    News__V1__GetArticleRequest *request = news__v1__get_article_request__unpack(&message_allocator, count, message);
    if (!request) return 13;
    if (request->name.len < 9 || memcmp(request->name.data, "articles/", 9)) return 5;
    return get_article(request->name.data + 9, request->name.len - 9, reply);
}
