// The parts of the load driver: see blast.c for what it does.
#pragma once
#include <nghttp2/nghttp2.h>
#include <stddef.h>
#include <stdint.h>

enum FrameType {
    DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION
};
enum FrameFlag { END_STREAM = 1, ACK = 1, END_HEADERS = 4, PADDED = 8, HAS_PRIORITY = 32 };
enum {
    STREAM_RING = 4096,        // streams that one connection can tell apart; twice what may be in flight
    OUTPUT_MAX = 1 << 20,
    INPUT_MAX = 1 << 18,
    HEADERS_MAX = 1 << 16,     // bytes of one header block
    BLOCK_CACHE_COUNT = 8,
    BLOCK_CACHED_MAX = 64,
    REQUEST_MAX = 16 << 10,    // with its prefix: one DATA frame
};

// A message to be sent, with its prefix, and how long the reply must be (-1: as long as the first).
typedef struct {
    const uint8_t *bytes;
    uint32_t count;
    int64_t reply_count;
    uint8_t *reply;  // kept for -w
} Message;

typedef struct {
    uint32_t id, message, received;
    uint8_t header_block_count, prefix[5];
    uint64_t start;
} Stream;

// What a header block has said.
typedef struct {
    int status, grpc_status, is_grpc;  // -1: no such field
} HeaderBlock;

typedef struct {
    uint64_t generation;
    size_t count;
    uint8_t bytes[BLOCK_CACHED_MAX];
    HeaderBlock block;
} CachedBlock;

typedef struct {
    int descriptor, number, is_ready, is_first, watches_output;
    uint32_t next_stream, in_flight;
    int64_t window;      // what the server lets us send on this connection
    int64_t table_size;  // its SETTINGS_HEADER_TABLE_SIZE
    uint64_t consumed;   // since the last WINDOW_UPDATE
    uint8_t head[9];     // of the frame being read
    int head_count, type, flags;
    uint32_t frame_count, left, id;
    uint8_t *frame;      // a control frame split over reads, or a header block with CONTINUATION
    size_t kept_count;
    int block_flags;
    uint32_t block_id;
    nghttp2_hd_inflater *inflater;
    uint64_t generation;  // of the dynamic table
    CachedBlock cache[BLOCK_CACHE_COUNT];
    int next_cached;
    Stream *ring;
    uint8_t *output;
    size_t output_count, output_start;
} Connection;

// The run, as the command line says.
typedef struct {
    Message *messages;
    uint32_t message_count, message_count_max;
    uint8_t *expected;  // of -e
    int keeps_replies;  // for -w
    long request_count, started, done;
    int stream_count, ready_count;
    uint64_t *latencies, message_bytes, begin;
    uint64_t interval;  // of an open load: nanoseconds from one request to the next
} Run;

extern Run run;

// When the next request of an open load is due.
static inline uint64_t next_due(void) { return run.begin + run.started * run.interval; }

__attribute__((noreturn, format(printf, 4, 5))) void fail(int code, Connection *connection, uint32_t stream,
                                                          const char *format, ...);
uint64_t now(void);  // nanoseconds

static inline uint32_t read32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline uint8_t *put32(uint8_t *at, uint32_t value) {
    at[0] = value >> 24, at[1] = value >> 16, at[2] = value >> 8, at[3] = value;
    return at + 4;
}

static inline uint8_t *put_frame_head(uint8_t *at, uint32_t count, int type, int flags, uint32_t stream) {
    at[0] = count >> 16, at[1] = count >> 8, at[2] = count, at[3] = type, at[4] = flags;
    return put32(at + 5, stream);
}

// request.c: the header block of a request, ready-made, in three forms.
void request_prepare(const char *path, const char *authority, const char *authorization);
// Writes the block of a connection's next request; at most REQUEST_BLOCK_MAX bytes.
enum { REQUEST_BLOCK_MAX = 2048 };
uint8_t *request_put(uint8_t *at, Connection *connection);

// connection.c
void connection_open(Connection *connection, int number, int port, int epoll);
void connection_start_requests(Connection *connection);
void connection_received(Connection *connection, const uint8_t *bytes, size_t count);
void connection_flush(Connection *connection, int epoll);

// reply.c: what comes back is checked.
void reply_headers(Connection *connection, uint32_t id, int flags, const uint8_t *block, size_t count, uint64_t time);
void reply_data(Connection *connection, const uint8_t *bytes, size_t count);
Stream *open_stream(Connection *connection, uint32_t id);
