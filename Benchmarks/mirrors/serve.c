// The HTTP/2 half of the mirrors: one thread, one epoll, one read and one send for a turn of a connection; nghttp2 in
// between, with static header tables and bodies handed over without a copy inside of it.
#define _GNU_SOURCE
#include "mirror.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <protobuf-c/protobuf-c.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    FILL_MAX = 256 << 10,       // what a turn sends at a time
    FRAME_MAX = 32 << 10,       // room that one more frame may need
    RECEIVE_MAX = 64 << 10,     // what a turn reads
    REPLIES_MAX = 64 << 20,     // address space of the reply arena: pages count once they are touched
    REQUEST_MAX = 512,          // a request of the benchmark is far smaller
    GRPC = 256,                 // set beside the method when content-type is application/grpc
};

typedef struct Stream {
    struct Stream *next;
    int32_t id, method;
    size_t request_count;
    Reply reply;
    size_t sent;
    uint8_t request[REQUEST_MAX];
} Stream;

typedef struct {
    int descriptor, watches_output;
    uint8_t *unsent;
    size_t unsent_start, unsent_count;
    nghttp2_session *session;
    Stream *free, *current;  // the stream of the frame being parsed, which saves a lookup in nghttp2's table
    int32_t current_id;
} Connection;

static int epoll;
static uint8_t output[FILL_MAX + FRAME_MAX];
static size_t output_count;
static uint8_t *replies;
static size_t replies_count;
static long replies_pending;

// ---------- memory of a turn ----------

uint8_t *reply_begin(size_t most) {
    if (replies_pending == 0) replies_count = 0;
    if (replies_count + most + 5 > REPLIES_MAX) {
        fprintf(stderr, "mirror: replies above %d bytes wait\n", REPLIES_MAX);
        exit(1);
    }
    return replies + replies_count + 5;
}

Reply reply_end(uint8_t *start, size_t count) {
    uint8_t *prefix = start - 5;
    uint32_t length = htonl((uint32_t)count);
    prefix[0] = 0;
    memcpy(prefix + 1, &length, 4);
    replies_count += count + 5;
    return (Reply){prefix, count + 5};
}

static uint8_t message_arena[64 << 10];
static size_t message_count;

static void *message_allocate(void *context, size_t count) {
    (void)context;
    if (message_count + count > sizeof message_arena) return NULL;
    void *place = message_arena + message_count;
    message_count = (message_count + count + 15) & ~(size_t)15;
    return place;
}

static void message_free(void *context, void *place) { (void)context, (void)place; }

ProtobufCAllocator message_allocator = {message_allocate, message_free, NULL};

void message_reset(void) { message_count = 0; }

// ---------- streams ----------

#define FIELD(name, value)                                                                                            \
    {(uint8_t *)name, (uint8_t *)value, sizeof(name) - 1, sizeof(value) - 1,                                           \
     NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE}
#define TRAILERS_ONLY(status)                                                                                         \
    {FIELD(":status", "200"), FIELD("content-type", "application/grpc"), FIELD("grpc-status", status)}

static const nghttp2_nv response_head[] = {FIELD(":status", "200"), FIELD("content-type", "application/grpc")};
static const nghttp2_nv trailer[] = {FIELD("grpc-status", "0")};
static const nghttp2_nv not_found[] = TRAILERS_ONLY("5");
static const nghttp2_nv unimplemented[] = TRAILERS_ONLY("12");
static const nghttp2_nv internal[] = TRAILERS_ONLY("13");

static Stream *stream_of(Connection *connection, int32_t id) {
    if (connection->current_id == id) return connection->current;
    return nghttp2_session_get_stream_user_data(connection->session, id);
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *context) {
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    Connection *connection = context;
    Stream *stream = connection->free;
    if (stream) connection->free = stream->next;
    else stream = malloc(sizeof *stream);
    stream->id = frame->hd.stream_id;
    stream->method = 0;
    stream->request_count = stream->sent = 0;
    stream->reply = (Reply){NULL, 0};
    nghttp2_session_set_stream_user_data(session, stream->id, stream);
    connection->current = stream;
    connection->current_id = stream->id;
    return 0;
}

static int is(const uint8_t *bytes, size_t count, const char *text) {
    return count == strlen(text) && memcmp(bytes, text, count) == 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_count,
                     const uint8_t *value, size_t value_count, uint8_t flags, void *context) {
    (void)session, (void)flags;
    Stream *stream = stream_of(context, frame->hd.stream_id);
    if (!stream) return 0;
    if (name_count == 5 && name[1] == 'p') {  // :path
        if (is(value, value_count, "/news.v1.NewsService/GetArticle")) stream->method |= GET_ARTICLE;
        else if (is(value, value_count, "/news.v1.NewsService/ListArticles")) stream->method |= LIST_ARTICLES;
    } else if (name_count == 12 && is(name, name_count, "content-type")) {
        if (value_count >= 16 && memcmp(value, "application/grpc", 16) == 0) stream->method |= GRPC;
    }
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t count,
                   void *context) {
    (void)session, (void)flags;
    Stream *stream = stream_of(context, id);
    if (!stream) return 0;
    if (stream->request_count + count > REQUEST_MAX) return NGHTTP2_ERR_CALLBACK_FAILURE;
    memcpy(stream->request + stream->request_count, bytes, count);
    stream->request_count += count;
    return 0;
}

static ssize_t read_reply(nghttp2_session *session, int32_t id, uint8_t *buffer, size_t most, uint32_t *flags,
                          nghttp2_data_source *source, void *context) {
    (void)buffer, (void)context;
    Stream *stream = source->ptr;
    size_t left = stream->reply.count - stream->sent, count = left < most ? left : most;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (count == left) {
        *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
        nghttp2_submit_trailer(session, id, trailer, 1);
    }
    return (ssize_t)count;
}

static int send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *head, size_t count,
                     nghttp2_data_source *source, void *context) {
    (void)session, (void)frame, (void)context;
    Stream *stream = source->ptr;  // Nothing is padded, so the frame is head and payload.
    memcpy(output + output_count, head, 9);
    memcpy(output + output_count + 9, stream->reply.bytes + stream->sent, count);
    output_count += 9 + count;
    stream->sent += count;
    return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *context) {
    if (frame->hd.type > NGHTTP2_HEADERS || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) return 0;
    Stream *stream = stream_of(context, frame->hd.stream_id);
    if (!stream) return 0;
    int method = stream->method & ~GRPC;
    if (!(stream->method & GRPC) || method == 0)
        return nghttp2_submit_response(session, stream->id, unimplemented, 3, NULL);
    uint32_t length = 0;
    if (stream->request_count >= 5) memcpy(&length, stream->request + 1, 4);
    if (stream->request_count < 5 || stream->request[0] != 0 || ntohl(length) + 5 != stream->request_count)
        return nghttp2_submit_response(session, stream->id, internal, 3, NULL);
    int status = store_answer(method, stream->request + 5, stream->request_count - 5, &stream->reply);
    if (status == 5) return nghttp2_submit_response(session, stream->id, not_found, 3, NULL);
    if (status != 0) return nghttp2_submit_response(session, stream->id, internal, 3, NULL);
    replies_pending++;
    nghttp2_data_provider provider = {{.ptr = stream}, read_reply};
    return nghttp2_submit_response(session, stream->id, response_head, 2, &provider);
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *context) {
    (void)session, (void)code;
    Connection *connection = context;
    Stream *stream = stream_of(connection, id);
    if (!stream) return 0;
    if (connection->current_id == id) connection->current_id = -1;
    if (stream->reply.bytes) replies_pending--;
    stream->next = connection->free;
    connection->free = stream;
    return 0;
}

// ---------- connections ----------

static nghttp2_session_callbacks *callbacks;
static nghttp2_option *options;

static Connection *connection_new(int descriptor) {
    Connection *connection = calloc(1, sizeof *connection);
    connection->descriptor = descriptor;
    connection->current_id = -1;
    nghttp2_session_server_new2(&connection->session, callbacks, connection, options);
    nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1000},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20},
        {9 /* SETTINGS_NO_RFC7540_PRIORITIES */, 1},
    };
    nghttp2_submit_settings(connection->session, 0, settings, 3);
    return connection;
}

static void connection_free(Connection *connection) {
    close(connection->descriptor);
    nghttp2_session_del(connection->session);
    for (Stream *stream = connection->free, *next; stream; stream = next) {
        next = stream->next;
        free(stream);
    }
    free(connection->unsent);
    free(connection);
}

static void watch(Connection *connection, int output_too) {
    if (connection->watches_output == output_too) return;
    connection->watches_output = output_too;
    struct epoll_event event = {.events = output_too ? EPOLLOUT : EPOLLIN, .data.ptr = connection};
    epoll_ctl(epoll, EPOLL_CTL_MOD, connection->descriptor, &event);
}

// Sends what waits, then what the session has to say. 0: the connection is over.
static int pump(Connection *connection) {
    for (;;) {
        if (connection->unsent_count) {
            ssize_t sent = send(connection->descriptor, connection->unsent + connection->unsent_start,
                                connection->unsent_count, MSG_NOSIGNAL);
            if (sent < 0 && errno != EAGAIN) return 0;
            if (sent > 0) connection->unsent_start += sent, connection->unsent_count -= sent;
            if (connection->unsent_count) return watch(connection, 1), 1;
        }
        output_count = 0;
        while (output_count < FILL_MAX) {
            const uint8_t *bytes;
            ssize_t count = nghttp2_session_mem_send(connection->session, &bytes);
            if (count < 0) return 0;
            if (count == 0) break;
            memcpy(output + output_count, bytes, count);
            output_count += count;
        }
        if (output_count == 0) break;
        ssize_t sent = send(connection->descriptor, output, output_count, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) return 0;
        if (sent < 0) sent = 0;
        if ((size_t)sent < output_count) {
            if (!connection->unsent) connection->unsent = malloc(sizeof output);
            memcpy(connection->unsent, output + sent, output_count - sent);
            connection->unsent_start = 0;
            connection->unsent_count = output_count - sent;
            return watch(connection, 1), 1;
        }
        if (output_count < FILL_MAX) break;  // All was said.
    }
    watch(connection, 0);
    return nghttp2_session_want_read(connection->session) || nghttp2_session_want_write(connection->session);
}

static int serve(Connection *connection, uint32_t events) {
    static uint8_t input[RECEIVE_MAX];
    if (!connection->unsent_count) {
        ssize_t count = recv(connection->descriptor, input, sizeof input, 0);
        if (count == 0 || (count < 0 && errno != EAGAIN)) return 0;
        if (count > 0 && nghttp2_session_mem_recv(connection->session, input, count) != count) return 0;
    } else if (events & (EPOLLERR | EPOLLHUP)) {
        return 0;
    }
    return pump(connection);
}

static void accept_all(int listener) {
    int descriptor, one = 1;
    while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        Connection *connection = connection_new(descriptor);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
        if (!pump(connection)) connection_free(connection);
    }
}

static void prepare_nghttp2(void) {
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, send_data);
    nghttp2_option_new(&options);
    nghttp2_option_set_no_closed_streams(options, 1);
}

int main(int argument_count, char **arguments) {
    if (argument_count < 2) return fprintf(stderr, "usage: %s PORT ...\n", arguments[0]), 2;
    store_open(argument_count - 2, arguments + 2);
    prepare_nghttp2();
    signal(SIGPIPE, SIG_IGN);
    replies = mmap(NULL, REPLIES_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(atoi(arguments[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 1024)) return perror("bind"), 1;
    epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);

    static struct epoll_event events[256];
    for (;;) {
        int count = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < count; i++) {
            Connection *connection = events[i].data.ptr;
            if (!connection) accept_all(listener);
            else if (!serve(connection, events[i].events)) connection_free(connection);
        }
        store_turn_ended();
    }
}
