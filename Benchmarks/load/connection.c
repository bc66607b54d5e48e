// One connection: frames out, frames in.
#define _GNU_SOURCE
#include "blast.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

void connection_flush(Connection *connection, int epoll) {
    while (connection->output_start < connection->output_count) {
        ssize_t sent = send(connection->descriptor, connection->output + connection->output_start,
                            connection->output_count - connection->output_start, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) break;
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) fail(1, connection, 0, "send: %s", strerror(errno));
        connection->output_start += sent;
    }
    if (connection->output_start == connection->output_count) connection->output_start = connection->output_count = 0;
    int wants_output = connection->output_count != 0;
    if (wants_output == connection->watches_output) return;
    struct epoll_event event = {.events = EPOLLIN | (wants_output ? EPOLLOUT : 0), .data.ptr = connection};
    epoll_ctl(epoll, EPOLL_CTL_MOD, connection->descriptor, &event);
    connection->watches_output = wants_output;
}

// Room for `count` bytes of output.
static uint8_t *room(Connection *connection, size_t count) {
    if (connection->output_count + count > OUTPUT_MAX) {
        size_t waiting = connection->output_count - connection->output_start;
        memmove(connection->output, connection->output + connection->output_start, waiting);
        connection->output_start = 0;
        connection->output_count = waiting;
        if (waiting + count > OUTPUT_MAX) fail(1, connection, 0, "the server does not read: %zu bytes wait", waiting);
    }
    return connection->output + connection->output_count;
}

static void put_frame(Connection *connection, int type, int flags, const void *payload, uint32_t count) {
    uint8_t *at = put_frame_head(room(connection, 9 + count), count, type, flags, 0);
    memcpy(at, payload, count);
    connection->output_count += 9 + count;
}

void connection_start_requests(Connection *connection) {
    uint64_t time = now();
    while (connection->in_flight < (uint32_t)run.stream_count && run.started < run.request_count &&
           connection->output_count < OUTPUT_MAX / 2) {
        uint64_t due = run.interval ? next_due() : time;
        if (due > time) return;
        uint32_t index = run.started % run.message_count, id = connection->next_stream;
        Message *message = run.messages + index;
        Stream *stream = connection->ring + ((id >> 1) & (STREAM_RING - 1));
        if (connection->window < message->count || stream->id) return;  // WINDOW_UPDATE, or a very late stream, first
        if (id > 0x7fffff00) fail(2, connection, 0, "stream ids used up: more connections or fewer requests");
        uint8_t *head = room(connection, 9 + REQUEST_BLOCK_MAX + 16 + 9 + message->count);
        uint8_t *at = request_put(head + 9, connection);
        put_frame_head(head, at - head - 9, HEADERS, END_HEADERS, id);
        at = put_frame_head(at, message->count, DATA, END_STREAM, id);
        memcpy(at, message->bytes, message->count);
        connection->output_count = at + message->count - connection->output;
        connection->window -= message->count;
        *stream = (Stream){.id = id, .message = index, .start = due};
        connection->next_stream += 2;
        connection->in_flight++;
        run.started++;
    }
}

static void on_settings(Connection *connection, const uint8_t *at, size_t count) {
    for (; count >= 6; at += 6, count -= 6) {
        int id = at[0] << 8 | at[1];
        uint32_t value = read32(at + 2);
        if (id == 1 && connection->is_ready && value < 4096 && value != connection->table_size) {
            fail(2, connection, 0, "the server shrinks its header table in mid-connection");
        }
        if (id == 1) connection->table_size = value;
        if (id == 3 && value < (uint32_t)run.stream_count) {
            fail(2, connection, 0, "the server allows %u streams, asked for %d", value, run.stream_count);
        }
        if (id == 4 && value < run.message_count_max) {
            fail(2, connection, 0, "initial window of %u bytes, requests have %u", value, run.message_count_max);
        }
    }
    put_frame(connection, SETTINGS, ACK, NULL, 0);
    if (!connection->is_ready) connection->is_ready = 1, run.ready_count++;
}

// A frame other than DATA, whole; of CONTINUATION, the whole block so far.
static void on_frame(Connection *connection, const uint8_t *bytes, size_t count, uint64_t time) {
    uint32_t id = connection->id;
    switch (connection->type) {
    case HEADERS:
        if (connection->flags & HAS_PRIORITY) {
            if (count < 5) fail(1, connection, id, "short HEADERS");
            bytes += 5, count -= 5;
        }
        if (connection->flags & END_HEADERS) {
            reply_headers(connection, id, connection->flags, bytes, count, time);
            return;
        }
        memmove(connection->frame, bytes, count);
        connection->kept_count = count;
        connection->block_flags = connection->flags;
        connection->block_id = id;
        return;
    case CONTINUATION:
        if (id != connection->block_id) fail(1, connection, id, "CONTINUATION of nothing");
        connection->kept_count = count;
        if (!(connection->flags & END_HEADERS)) return;
        connection->block_id = 0;
        connection->kept_count = 0;
        reply_headers(connection, id, connection->block_flags, bytes, count, time);
        return;
    case SETTINGS:
        if (!(connection->flags & ACK)) on_settings(connection, bytes, count);
        return;
    case PING:
        if (count != 8) fail(1, connection, 0, "PING of %zu bytes", count);
        if (!(connection->flags & ACK)) put_frame(connection, PING, ACK, bytes, 8);
        return;
    case WINDOW_UPDATE:
        if (count == 4 && !id) connection->window += read32(bytes) & 0x7fffffff;
        return;
    case RST_STREAM:
        if (connection->ring[(id >> 1) & (STREAM_RING - 1)].id == id) {
            fail(1, connection, id, "RST_STREAM, code %u", count == 4 ? read32(bytes) : 0);
        }
        return;
    case GOAWAY: fail(1, connection, 0, "GOAWAY, code %u", count >= 8 ? read32(bytes + 4) : 0);
    case PUSH_PROMISE: fail(1, connection, id, "PUSH_PROMISE");
    default: return;  // Unknown types are ignored, as RFC 9113, 4.1 asks.
    }
}

static void begin_frame(Connection *connection, const uint8_t *head) {
    connection->frame_count = connection->left = (uint32_t)head[0] << 16 | (uint32_t)head[1] << 8 | head[2];
    connection->type = head[3];
    connection->flags = head[4];
    connection->id = read32(head + 5) & 0x7fffffff;
    if (connection->frame_count > 16384) {
        fail(1, connection, connection->id, "frame of %u bytes, over SETTINGS_MAX_FRAME_SIZE", connection->frame_count);
    }
    if (connection->block_id && connection->type != CONTINUATION) {
        fail(1, connection, connection->id, "frame type %d inside of a header block", connection->type);
    }
    if (connection->type != CONTINUATION) connection->kept_count = 0;
    if (connection->type != DATA && connection->type != HEADERS) return;
    if (connection->flags & PADDED) fail(1, connection, connection->id, "padded frame (not supported)");
    if (connection->type == DATA) {
        connection->consumed += connection->frame_count;
        if (connection->flags & END_STREAM) fail(1, connection, connection->id, "END_STREAM on DATA: no trailers");
        open_stream(connection, connection->id);
    }
}

static void keep(Connection *connection, const uint8_t *bytes, size_t count) {
    if (connection->kept_count + count > HEADERS_MAX) {
        fail(1, connection, connection->id, "header block over %d bytes", HEADERS_MAX);
    }
    memcpy(connection->frame + connection->kept_count, bytes, count);
    connection->kept_count += count;
}

void connection_received(Connection *connection, const uint8_t *at, size_t count) {
    const uint8_t *end = at + count;
    uint64_t time = now();
    while (at < end) {
        if (!connection->left) {
            if (connection->head_count || end - at < 9) {
                while (connection->head_count < 9 && at < end) connection->head[connection->head_count++] = *at++;
                if (connection->head_count < 9) return;
                connection->head_count = 0;
                begin_frame(connection, connection->head);
            } else {
                begin_frame(connection, at);
                at += 9;
            }
            if (!connection->left && connection->type != DATA) {
                on_frame(connection, connection->frame, connection->kept_count, time);
            }
            continue;
        }
        size_t part = (size_t)(end - at) < connection->left ? (size_t)(end - at) : connection->left;
        int is_whole = part == connection->frame_count;
        connection->left -= part;
        if (connection->type == DATA) {
            reply_data(connection, at, part);
        } else if (is_whole && connection->type != CONTINUATION) {
            on_frame(connection, at, part, time);
        } else {
            keep(connection, at, part);
            if (!connection->left) on_frame(connection, connection->frame, connection->kept_count, time);
        }
        at += part;
    }
    if (connection->consumed > 1u << 29) {
        uint8_t increment[4];
        put32(increment, connection->consumed);
        put_frame(connection, WINDOW_UPDATE, 0, increment, 4);
        connection->consumed = 0;
    }
}

void connection_open(Connection *connection, int number, int port, int epoll) {
    int one = 1;
    connection->number = number;
    connection->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(connection->descriptor, (void *)&address, sizeof address)) {
        fail(1, connection, 0, "connect: %s", strerror(errno));
    }
    setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(connection->descriptor, F_SETFL, O_NONBLOCK);
    connection->next_stream = 1;
    connection->is_first = 1;
    connection->window = 65535;
    connection->table_size = 4096;
    connection->ring = calloc(STREAM_RING, sizeof(Stream));
    connection->output = malloc(OUTPUT_MAX);
    connection->frame = malloc(HEADERS_MAX);
    nghttp2_hd_inflate_new(&connection->inflater);

    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    memcpy(connection->output, preface, 24);
    connection->output_count = 24;
    // No push; windows of 2^31 - 1 bytes for streams, and nearly so for the connection.
    static const uint8_t settings[12] = {0, 2, 0, 0, 0, 0, 0, 4, 0x7f, 0xff, 0xff, 0xff};
    static const uint8_t increment[4] = {0x7f, 0xff, 0, 0};
    put_frame(connection, SETTINGS, 0, settings, sizeof settings);
    put_frame(connection, WINDOW_UPDATE, 0, increment, sizeof increment);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    epoll_ctl(epoll, EPOLL_CTL_ADD, connection->descriptor, &event);
    connection_flush(connection, epoll);
}
