// What durable writes cost without a product around them, in C: the tables that newsrpc has, the entries that it makes
// for each article, values of the sizes that it stores, CRC-32C over key and value, one LMDB environment for each month
// and one commit for each month and round.
//
//   writes DIRECTORY ARTICLES import ROUND          all articles, in rounds of at most ROUND, sorted by month
//   writes DIRECTORY ARTICLES create IN-FLIGHT      all articles, in rounds of IN-FLIGHT, in the order of the file
//   writes DIRECTORY ARTICLES flush COUNT           no articles: 4 KiB written and fdatasync, COUNT times
//
// ARTICLES has a line for each: microseconds since 1970, year and month (202602), bytes of the message, bytes of the
// row, number of the channel, number of the source. Prints one line:
//
//   COUNT articles, SECONDS s, COMMITS commits, MICROSECONDS us of processor time; p50 US, p99 US
//
// with the times of rounds. What newsrpc looks up before it writes (title and day, id) is looked up here, too.
#include "crc32c.h"

#include <fcntl.h>
#include <inttypes.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = 64, LINKS = 32, STATS = 104, PIECE_HEAD = 24, VALUE_MAX = 4080, SHARD_MAX = 512, KEY_MAX = 128 };
enum { ARTICLES, ROWS, OLDEST, CHANNELS, SOURCES, COUNTERS, TITLES, CHANGES, META, TABLES };
static const char *const names[TABLES] = {"articles", "rows",    "oldest",    "channel-index", "source-index",
                                          "stats",    "title-day", "changes", "meta"};

typedef struct {
    int64_t time;
    int month;
    size_t full, row;
    unsigned channel, source, number;
} Article;

typedef struct {
    int month;
    MDB_env *environment;
    MDB_dbi tables[TABLES];
} Shard;

static Shard shards[SHARD_MAX];
static int shard_count;
static const char *directory;
static uint64_t revision = 1;
static uint8_t text[1 << 20];
static int commit_count;

static void stop(const char *what, const char *why) {
    fprintf(stderr, "writes: %s: %s\n", what, why);
    exit(1);
}

static void check(int code, const char *what) {
    if (code) stop(what, mdb_strerror(code));
}

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static Shard *shard_of(int month) {
    for (int i = 0; i < shard_count; i++) {
        if (shards[i].month == month) return &shards[i];
    }
    if (shard_count == SHARD_MAX) stop("shards", "too many");
    Shard *shard = &shards[shard_count++];
    shard->month = month;
    char path[4096];
    snprintf(path, sizeof path, "%s/%d", directory, month);
    mkdir(path, 0777);
    check(mdb_env_create(&shard->environment), "environment");
    check(mdb_env_set_maxdbs(shard->environment, TABLES), "tables");
    check(mdb_env_set_mapsize(shard->environment, (size_t)64 << 30), "map");
    check(mdb_env_open(shard->environment, path, MDB_NOTLS | MDB_NORDAHEAD, 0666), path);
    MDB_txn *transaction;
    check(mdb_txn_begin(shard->environment, NULL, 0, &transaction), "begin");
    for (int i = 0; i < TABLES; i++) {
        check(mdb_dbi_open(transaction, names[i], MDB_CREATE, &shard->tables[i]), names[i]);
    }
    check(mdb_txn_commit(transaction), "commit");
    return shard;
}

// ---------- keys and values ----------

static uint8_t *base32hex(uint8_t *at, uint64_t value, int count) {
    static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
    for (int shift = (count - 1) * 5; shift >= 0; shift -= 5) *at++ = (uint8_t)digits[value >> shift & 31];
    return at;
}

static uint64_t mixed(uint64_t value) {
    value = (value ^ value >> 31) * 0x9e3779b97f4a7c15u;
    return value ^ value >> 29;
}

// A value: checksum, revision, zeros up to `head`, then so many bytes of text.
static void put(
    MDB_txn *transaction, MDB_dbi table, const uint8_t *key, size_t key_count, size_t head, size_t count) {
    static uint8_t value[VALUE_MAX];
    memset(value, 0, head);
    memcpy(value + 4, &revision, sizeof revision);
    memcpy(value + head, text + revision % 4096, count);
    uint32_t sum = newsrpc_crc32c(newsrpc_crc32c(0, key, key_count), value + 4, head + count - 4);
    memcpy(value, &sum, sizeof sum);
    MDB_val wanted = {key_count, (void *)(uintptr_t)key}, content = {head + count, value};
    check(mdb_put(transaction, table, &wanted, &content, 0), "put");
}

// In pieces under adjacent keys, as many as it takes.
static void put_record(
    MDB_txn *transaction, MDB_dbi table, uint8_t *key, size_t key_count, size_t head, size_t count) {
    size_t part = count < VALUE_MAX - head ? count : VALUE_MAX - head;
    put(transaction, table, key, key_count, head, part);
    count -= part;
    for (unsigned number = 1; count > 0; number++, count -= part) {
        part = count < VALUE_MAX - PIECE_HEAD ? count : VALUE_MAX - PIECE_HEAD;
        key[key_count] = '/';
        base32hex(key + key_count + 1, number, 3);
        put(transaction, table, key, key_count + 4, PIECE_HEAD, part);
    }
}

static void write_article(MDB_txn *transaction, const Shard *shard, const Article *article) {
    uint64_t hash = mixed(article->number);
    time_t whole = (time_t)(article->time / 1000000);
    struct tm day;
    gmtime_r(&whole, &day);
    char id[32];
    size_t id_count = (size_t)snprintf(
        id, sizeof id, "%04d%02d%02d-%012" PRIx64, day.tm_year + 1900, day.tm_mon + 1, day.tm_mday, hash >> 16);

    uint8_t title[KEY_MAX], key[KEY_MAX], order[KEY_MAX];
    memcpy(title, id, 8);
    base32hex(base32hex(title + 8, hash, 13), mixed(hash), 13);
    base32hex(title + 34, 0, 4);
    MDB_val wanted = {34, title}, found;
    MDB_cursor *cursor;
    check(mdb_cursor_open(transaction, shard->tables[TITLES], &cursor), "cursor");
    mdb_cursor_get(cursor, &wanted, &found, MDB_SET_RANGE);
    mdb_cursor_close(cursor);
    wanted = (MDB_val){id_count, id};
    if (mdb_get(transaction, shard->tables[ARTICLES], &wanted, &found) == 0) return;

    memcpy(key, id, id_count);
    put_record(transaction, shard->tables[ARTICLES], key, id_count, HEAD, article->full);
    memcpy(base32hex(base32hex(order, (uint64_t)(INT64_MAX - article->time), 13), 0, 4), id, id_count);
    put_record(transaction, shard->tables[ROWS], order, 17 + id_count, HEAD + LINKS, article->row);
    put(transaction, shard->tables[COUNTERS], order, 17 + id_count, STATS, 0);
    for (int newest = 0; newest < 2; newest++) {
        uint64_t time = newest ? (uint64_t)(INT64_MAX - article->time) : (uint64_t)article->time ^ (uint64_t)1 << 63;
        memcpy(base32hex(base32hex(order, time, 13), 0, 4), id, id_count);
        if (!newest) put(transaction, shard->tables[OLDEST], order, 17 + id_count, 12, 0);
        key[0] = newest ? 'n' : 'o';
        memcpy(base32hex(key + 1, article->channel, 7), order, 17 + id_count);
        put(transaction, shard->tables[CHANNELS], key, 8 + 17 + id_count, 12, 0);
        memcpy(base32hex(base32hex(key + 1, mixed(article->source), 13), 0, 3), order, 17 + id_count);
        put(transaction, shard->tables[SOURCES], key, 17 + 17 + id_count, 12, 0);
    }
    put(transaction, shard->tables[TITLES], title, 38, 4 + 8, id_count - 8);
    base32hex(key, revision, 13);
    put(transaction, shard->tables[CHANGES], key, 13, 14, id_count);
    revision++;
}

// ---------- rounds ----------

static int by_month(const void *left, const void *right) {
    const Article *a = left, *b = right;
    int order = (a->month > b->month) - (a->month < b->month);
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

static void round_of(Article *articles, size_t count) {
    qsort(articles, count, sizeof *articles, by_month);
    for (size_t begin = 0, end; begin < count; begin = end) {
        Shard *shard = shard_of(articles[begin].month);
        MDB_txn *transaction;
        check(mdb_txn_begin(shard->environment, NULL, 0, &transaction), "begin");
        for (end = begin; end < count && articles[end].month == shard->month; end++) {
            write_article(transaction, shard, &articles[end]);
        }
        put(transaction, shard->tables[META], (const uint8_t *)"shard", 5, 55, 0);
        check(mdb_txn_commit(transaction), "commit");
        commit_count++;
    }
}

static int by_value(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void report(size_t count, double *times, size_t time_count, double begin, double begin_cpu) {
    double wall = seconds(CLOCK_MONOTONIC) - begin, cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - begin_cpu;
    qsort(times, time_count, sizeof *times, by_value);
    printf("%zu articles, %.3f s, %d commits, %.0f us of processor time; p50 %.1f us, p99 %.1f us\n", count, wall,
           commit_count, cpu * 1e6, times[time_count / 2] * 1e6, times[time_count * 99 / 100] * 1e6);
}

static void flush(size_t count) {
    char path[4096];
    snprintf(path, sizeof path, "%s/flush", directory);
    int file = open(path, O_RDWR | O_CREAT, 0666);
    double *times = calloc(count, sizeof *times);
    double begin = seconds(CLOCK_MONOTONIC), begin_cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t i = 0; i < count; i++) {
        double before = seconds(CLOCK_MONOTONIC);
        if (pwrite(file, text, 4096, (off_t)(i % 1024) * 4096) != 4096 || fdatasync(file)) stop(path, "no room");
        times[i] = seconds(CLOCK_MONOTONIC) - before;
    }
    report(count, times, count, begin, begin_cpu);
}

int main(int argument_count, char **arguments) {
    if (argument_count != 5) stop("usage", "writes DIRECTORY ARTICLES import|create|flush NUMBER");
    directory = arguments[1];
    size_t size = (size_t)atoll(arguments[4]);
    mkdir(directory, 0777);
    for (size_t i = 0; i < sizeof text; i++) text[i] = (uint8_t)mixed(i);
    if (strcmp(arguments[3], "flush") == 0) return flush(size), 0;

    FILE *file = fopen(arguments[2], "r");
    if (!file) stop(arguments[2], "cannot be opened");
    Article *articles = NULL;
    size_t count = 0, room = 0;
    while (1) {
        if (count == room) articles = realloc(articles, (room = room * 2 + 1024) * sizeof *articles);
        Article *next = &articles[count];
        if (fscanf(file, "%" SCNd64 " %d %zu %zu %u %u", &next->time, &next->month, &next->full, &next->row,
                   &next->channel, &next->source) != 6) break;
        if (next->full > sizeof text / 2) next->full = sizeof text / 2;
        next->number = (unsigned)count++;
    }
    if (!count) stop(arguments[2], "holds no article");
    // The shards are there before the clock runs, as they are in a store that is used.
    for (size_t i = 0; i < count; i++) shard_of(articles[i].month);
    double *times = calloc(count, sizeof *times);
    size_t time_count = 0;
    double begin = seconds(CLOCK_MONOTONIC), begin_cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t done = 0; done < count; done += size) {
        double before = seconds(CLOCK_MONOTONIC);
        round_of(articles + done, count - done < size ? count - done : size);
        times[time_count++] = seconds(CLOCK_MONOTONIC) - before;
    }
    report(count, times, time_count, begin, begin_cpu);
    return 0;
}
