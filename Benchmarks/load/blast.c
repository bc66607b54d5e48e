// blast: a light HTTP/2 client without TLS that loads one unary gRPC method on 127.0.0.1 and checks every reply. It
// costs 0.25 us of processor time for a request with a reply of 300 bytes, 0.5 us at 4 KB, so that one core of clients
// keeps one core of the fastest servers busy.
//
//   blast [options] PORT PATH REQUESTS CONNECTIONS STREAMS COUNT
//
//   REQUESTS     file of one or more messages, each behind its 5-byte prefix. Several are sent in turn.
//   CONNECTIONS  TCP connections; STREAMS the requests kept in flight on each; COUNT all requests.
//   -a VALUE     sends authorization: VALUE
//   -e FILE      the message that every reply must have, without its prefix (REQUESTS must hold one message)
//   -w FILE      writes the replies to the messages of REQUESTS, in their order, each behind its prefix
//   -t SECONDS   gives up when nothing arrives for so long (5)
//   -l FILE      appends the latencies to it, in microseconds, one a line, in the order of the replies
//   -r RATE      an open load: RATE requests a second, each at its own time, whatever became of those before
//
// Checked of every reply: the stream is one of ours and open; HEADERS have :status 200 and content-type
// application/grpc...; DATA is one uncompressed message, as long as the first reply to the same request; it ends with
// HEADERS that carry END_STREAM and grpc-status 0. RST_STREAM, GOAWAY, PUSH_PROMISE, padding, a closed connection and a
// stall end the run: the first fault goes to stderr, and blast exits with 1 (2: the command line, or limits of the
// server that forbid what was asked). Otherwise one line of JSON goes to stdout.
//
// Without -r the load is closed: a slow server is asked less often, so latencies are those of full queues and not of a
// rate of arrivals. With it they count from the time at which a request was due, so that one that had to wait for a
// stream, or for this program, counts in full.
#define _GNU_SOURCE
#include "blast.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

Run run;

void fail(int code, Connection *connection, uint32_t stream, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "blast: %s", code == 1 ? "wrong reply" : "error");
    if (connection) fprintf(stderr, " on connection %d", connection->number);
    if (stream) fprintf(stderr, " stream %u", stream);
    fprintf(stderr, ": ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, " (after %ld good replies)\n", run.done);
    exit(code);
}

uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static double processor_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static uint8_t *read_file(const char *path, size_t *count) {
    FILE *file = fopen(path, "rb");
    if (!file) fail(2, NULL, 0, "%s: %s", path, strerror(errno));
    fseek(file, 0, SEEK_END);
    *count = ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*count + 1);
    if (fread(bytes, 1, *count, file) != *count) fail(2, NULL, 0, "%s: cannot be read", path);
    fclose(file);
    return bytes;
}

static void read_requests(const char *path) {
    size_t count;
    uint8_t *bytes = read_file(path, &count);
    for (size_t at = 0; at < count;) {
        if (count - at < 5 || bytes[at] || read32(bytes + at + 1) > count - at - 5) {
            fail(2, NULL, 0, "%s: no sequence of uncompressed messages (at byte %zu)", path, at);
        }
        uint32_t whole = read32(bytes + at + 1) + 5;
        if (whole > REQUEST_MAX) fail(2, NULL, 0, "%s: a request of over %d bytes", path, REQUEST_MAX);
        if (!(run.message_count & (run.message_count - 1))) {  // at each power of two
            size_t capacity = run.message_count ? run.message_count * 2 : 1;
            run.messages = realloc(run.messages, capacity * sizeof *run.messages);
        }
        run.messages[run.message_count++] = (Message){bytes + at, whole, -1, NULL};
        if (whole > run.message_count_max) run.message_count_max = whole;
        at += whole;
    }
    if (!run.message_count) fail(2, NULL, 0, "%s is empty", path);
}

static void write_replies(const char *path) {
    FILE *file = fopen(path, "wb");
    if (!file) fail(2, NULL, 0, "%s: %s", path, strerror(errno));
    for (uint32_t i = 0; i < run.message_count; i++) {
        Message *message = run.messages + i;
        if (!message->reply) fail(2, NULL, 0, "request %u was never sent: COUNT is too small", i);
        uint8_t prefix[5] = {0};
        put32(prefix + 1, (uint32_t)message->reply_count);
        fwrite(prefix, 1, 5, file);
        fwrite(message->reply, 1, message->reply_count, file);
    }
    if (fclose(file)) fail(2, NULL, 0, "%s: %s", path, strerror(errno));
}

static void write_latencies(const char *path) {
    FILE *file = fopen(path, "ab");
    if (!file) fail(2, NULL, 0, "%s: %s", path, strerror(errno));
    for (long i = 0; i < run.done; i++) fprintf(file, "%.1f\n", run.latencies[i] / 1e3);
    if (fclose(file)) fail(2, NULL, 0, "%s: %s", path, strerror(errno));
}

static int by_size(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static void report(double seconds, double used) {
    long count = run.done;
    qsort(run.latencies, count, sizeof *run.latencies, by_size);
    printf("{\"requests\": %ld, \"seconds\": %.6f, \"rate\": %.0f, \"message_bytes\": %.1f, ", count, seconds,
           count / seconds, (double)run.message_bytes / count);
    printf("\"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, ", run.latencies[count / 2] / 1e3,
           run.latencies[count * 99 / 100] / 1e3, run.latencies[count * 999 / 1000] / 1e3);
    printf("\"client_us\": %.3f, \"client_busy\": %.2f}\n", used * 1e6 / count, used / seconds);
}

static void receive(Connection *connection) {
    static uint8_t input[INPUT_MAX];
    ssize_t count = recv(connection->descriptor, input, sizeof input, 0);
    if (count == 0) fail(1, connection, 0, "closed by the server");
    if (count < 0 && errno != EAGAIN && errno != EINTR) fail(1, connection, 0, "recv: %s", strerror(errno));
    if (count > 0) connection_received(connection, input, count);
}

static uint64_t interval_of(double rate) {
    if (!(rate > 0 && rate <= 1e6)) fail(2, NULL, 0, "RATE must be above 0 and at most 1000000");
    return (uint64_t)(1e9 / rate);
}

// The clock of an open load: readable when the next request is due.
static int open_clock(int epoll) {
    int clock = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (clock < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, clock, &event)) fail(2, NULL, 0, "timer: %s", strerror(errno));
    return clock;
}

// One that was due at the last try waits for a reply, not for the clock.
static void set_clock(int clock, uint64_t tried) {
    uint64_t due = next_due();
    struct itimerspec time = {.it_value = {due / 1000000000, due % 1000000000}};
    if (due <= tried || run.started == run.request_count) time = (struct itimerspec){0};
    timerfd_settime(clock, TFD_TIMER_ABSTIME, &time, NULL);
}

// Starts what may be started; each connection in turn is the first to be asked.
static uint64_t start_requests(Connection *connections, int connection_count, int epoll) {
    static int first = 0;
    uint64_t time = now();
    for (int i = 0; i < connection_count; i++) {
        Connection *connection = connections + (first + i) % connection_count;
        connection_start_requests(connection);
        connection_flush(connection, epoll);
    }
    first++;
    return time;
}

static void drive(Connection *connections, int connection_count, int epoll, int stall, const char *latencies) {
    double used = 0;
    uint64_t tried = 0;
    struct epoll_event events[64];
    int clock = run.interval ? open_clock(epoll) : -1;
    while (run.done < run.request_count) {
        int count = epoll_wait(epoll, events, 64, stall * 1000);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) fail(1, NULL, 0, "nothing for %d s, after %ld requests", stall, run.started);
        for (int i = 0; i < count; i++) {
            Connection *connection = events[i].data.ptr;
            if (!connection) {  // the clock
                tried = start_requests(connections, connection_count, epoll);
                continue;
            }
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(connection);
            if (run.ready_count == connection_count) {
                if (!run.begin) {  // All SETTINGS have arrived: the clock starts, and so do the requests.
                    run.begin = now();
                    used = processor_seconds();
                    tried = start_requests(connections, connection_count, epoll);
                }
                connection_start_requests(connection);
            }
            connection_flush(connection, epoll);
        }
        if (run.interval && run.begin) set_clock(clock, tried);
    }
    double seconds = (now() - run.begin) / 1e9;
    used = processor_seconds() - used;
    if (latencies) write_latencies(latencies);
    report(seconds, used);
}

int main(int argument_count, char **arguments) {
    const char *expected = NULL, *kept = NULL, *authorization = NULL, *latencies = NULL;
    int option, stall = 5;
    while ((option = getopt(argument_count, arguments, "a:e:w:t:l:r:")) != -1) {
        if (option == 'a') authorization = optarg;
        else if (option == 'e') expected = optarg;
        else if (option == 'w') kept = optarg;
        else if (option == 't') stall = atoi(optarg);
        else if (option == 'l') latencies = optarg;
        else if (option == 'r') run.interval = interval_of(atof(optarg));
        else return 2;
    }
    if (argument_count - optind != 6) {
        fprintf(stderr, "usage: blast [-a AUTHORIZATION] [-e FILE] [-w FILE] [-t SECONDS] [-l FILE] [-r RATE] "
                        "PORT PATH REQUESTS CONNECTIONS STREAMS COUNT\n");
        return 2;
    }
    arguments += optind;
    int port = atoi(arguments[0]), connection_count = atoi(arguments[3]);
    run.stream_count = atoi(arguments[4]);
    run.request_count = atol(arguments[5]);
    if (port <= 0 || connection_count <= 0 || run.stream_count <= 0 || run.request_count <= 0) {
        fail(2, NULL, 0, "PORT, CONNECTIONS, STREAMS and COUNT must be above 0");
    }
    if (run.stream_count > STREAM_RING / 2) fail(2, NULL, 0, "STREAMS must be at most %d", STREAM_RING / 2);
    read_requests(arguments[2]);
    if (expected) {
        size_t count;
        if (run.message_count > 1) fail(2, NULL, 0, "-e needs one request");
        run.expected = read_file(expected, &count);
        run.messages[0].reply_count = count;
    }
    run.keeps_replies = kept != NULL;
    char authority[32];
    snprintf(authority, sizeof authority, "127.0.0.1:%d", port);
    request_prepare(arguments[1], authority, authorization);

    run.latencies = malloc(sizeof *run.latencies * run.request_count);
    Connection *connections = calloc(connection_count, sizeof *connections);
    int epoll = epoll_create1(0);
    for (int i = 0; i < connection_count; i++) connection_open(connections + i, i, port, epoll);
    drive(connections, connection_count, epoll, stall, latencies);
    if (kept) write_replies(kept);
    return 0;
}
