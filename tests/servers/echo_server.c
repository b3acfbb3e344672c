/* The fastest MCP server we could write, to measure clients against: whatever it adds is the kernel's.
 *
 *   echo_server stdio [OPTION...]
 *   echo_server http PORT [OPTION...]      on 127.0.0.1; port 0 picks one; the port is printed on stdout
 *
 *   --stateless          answer server/discover, and refuse initialize
 *   --sse                (http) answer as an event stream
 *   --chunked            (http) with chunked transfer coding
 *   --redirect           (http) send every request to the same path with a slash at its end
 *   --session            (http) hand out a session id, and refuse a call without one
 *   --size N             bytes of text in an answer (2)
 *   --schema             the tool declares an output schema and returns structured content
 *   --echo               answer with the text that was sent
 *   --freeze-at MS --freeze-for MS    stop once, that long after the first call
 *   --spin US            burn processor time in every call
 *   --fail-every N       every Nth call answers isError
 *   --die-after N        exit with code 3 at the Nth call
 *   --swallow-every N    every Nth call is never answered
 *   --garble-every N     every Nth answer is not JSON
 *   --swap-every N       every Nth answer carries an id that nobody asked with
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LENGTH(literal) (sizeof(literal) - 1)

struct text { char *bytes; size_t size, room; };
struct slice { const char *start; size_t size; };

static struct {
    int stateless, sse, chunked, session, schema, echo, redirect;
    long size, freeze_at, freeze_for, spin, fail_every, die_after, swallow_every, garble_every, swap_every;
} option = { .size = 2, .freeze_at = -1 };

static struct text greeting, listing, answer, failure;
static uint64_t calls, first_call;
static int was_frozen;

static uint64_t microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void reserve(struct text *text, size_t more)
{
    if (text->size + more <= text->room)
        return;
    text->room = 2 * (text->size + more);
    text->bytes = realloc(text->bytes, text->room);
    if (!text->bytes)
        abort();
}

static void append(struct text *text, const char *bytes, size_t size)
{
    reserve(text, size);
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
}

static void say(struct text *text, const char *words) { append(text, words, strlen(words)); }

static void prepare(void)
{
    const char *complete = option.stateless ? ",\"resultType\":\"complete\"" : "";
    if (option.stateless)
        say(&greeting, "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}},"
                       "\"resultType\":\"complete\",\"ttlMs\":60000,\"cacheScope\":\"public\"}");
    else
        say(&greeting, "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{},\"resources\":{},\"prompts\":{}},"
                       "\"serverInfo\":{\"name\":\"echo\",\"version\":\"1\"}}");
    say(&listing, "{\"tools\":[{\"name\":\"echo\",\"description\":\"Echo\",\"inputSchema\":{\"type\":\"object\","
                  "\"properties\":{\"text\":{\"type\":\"string\"},\"n\":{\"type\":\"integer\"}},\"required\":[\"text\"]}");
    if (option.schema)
        say(&listing, ",\"outputSchema\":{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}},\"required\":[\"n\"]}");
    say(&listing, "}]");
    say(&listing, complete);
    if (option.stateless)
        say(&listing, ",\"ttlMs\":60000,\"cacheScope\":\"public\"");
    say(&listing, "}");
    say(&answer, "{\"content\":[{\"type\":\"text\",\"text\":\"");
    for (long i = 0; i < option.size; i++)
        say(&answer, "o");
    say(&answer, "\"}]");
    if (option.schema)
        say(&answer, ",\"structuredContent\":{\"n\":1}");
    say(&answer, complete);
    say(&answer, "}");
    say(&failure, "{\"content\":[{\"type\":\"text\",\"text\":\"it failed\"}],\"isError\":true");
    say(&failure, complete);
    say(&failure, "}");
}

/* The value of a top-level member. Good enough for requests of well-behaved clients, and far from a parser. */
static struct slice member(struct slice message, const char *name)
{
    size_t wanted = strlen(name);
    int depth = 0, is_key = 1;
    for (size_t i = 0; i < message.size; i++) {
        char c = message.start[i];
        if (c == '"') {
            size_t end = i + 1;
            while (end < message.size && message.start[end] != '"')
                end += message.start[end] == '\\' ? 2 : 1;
            if (depth == 1 && is_key && end - i - 1 == wanted && !memcmp(message.start + i + 1, name, wanted)) {
                size_t from = end + 1;
                while (from < message.size && (message.start[from] == ':' || message.start[from] == ' '))
                    from++;
                size_t to = from + 1;
                if (message.start[from] == '"')
                    for (; message.start[to - 1] != '"' || to == from + 1; to++) {}
                else
                    for (; to < message.size && !strchr(",} ", message.start[to]); to++) {}
                return (struct slice){ message.start + from, to - from };
            }
            i = end;
            is_key = 0;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
        }
        if (depth == 1 && (c == ',' || c == '{'))
            is_key = 1;
    }
    return (struct slice){ 0 };
}

static int is(struct slice value, const char *literal)
{
    size_t size = strlen(literal);
    return value.size == size + 2 && !memcmp(value.start + 1, literal, size);
}

static int every(long n) { return n > 0 && calls % (uint64_t)n == 0; }

static void suffer(void)
{
    uint64_t now = microseconds();
    if (!first_call)
        first_call = now;
    if (option.freeze_at >= 0 && !was_frozen && now - first_call >= (uint64_t)option.freeze_at * 1000) {
        was_frozen = 1;
        usleep((useconds_t)option.freeze_for * 1000);
    }
    if (option.spin)
        while (microseconds() - now < (uint64_t)option.spin) {}
}

static void result_of_call(struct slice message, struct text *out)
{
    if (every(option.fail_every)) {
        append(out, failure.bytes, failure.size);
        return;
    }
    const char *key = option.echo ? memmem(message.start, message.size, "\"text\":", 7) : NULL;
    const char *text = key ? memchr(key + 7, '"', message.size - (size_t)(key + 7 - message.start)) : NULL;
    if (!text) {
        append(out, answer.bytes, answer.size);
        return;
    }
    const char *end = text + 1;
    while (*end != '"')
        end += *end == '\\' ? 2 : 1;
    say(out, "{\"content\":[{\"type\":\"text\",\"text\":");
    append(out, text, (size_t)(end + 1 - text));
    say(out, option.stateless ? "}],\"resultType\":\"complete\"}" : "}]}");
}

/* Appends the answer to one message; 0 when it gets none. `*greets` tells that a session begins. */
static int respond(struct slice message, struct text *out, int *greets)
{
    struct slice id = member(message, "id"), method = member(message, "method");
    *greets = 0;
    if (!id.size || !method.size)
        return 0;
    if (is(method, "tools/call")) {
        calls++;
        suffer();
        if (option.die_after && calls >= (uint64_t)option.die_after) {
            fprintf(stderr, "fatal: had enough after %lu calls\n", (unsigned long)calls);
            exit(3);
        }
        if (every(option.swallow_every))
            return 0;
        if (every(option.garble_every)) {
            say(out, "{\"jsonrpc\":\"2.0\",\"id\":");
            append(out, id.start, id.size);
            say(out, ",\"result\":{oops}");
            return 1;
        }
    }
    say(out, "{\"jsonrpc\":\"2.0\",\"id\":");
    if (is(method, "tools/call") && every(option.swap_every))
        say(out, "77");
    else
        append(out, id.start, id.size);
    if (is(method, "tools/call")) {
        say(out, ",\"result\":");
        result_of_call(message, out);
    } else if (is(method, option.stateless ? "server/discover" : "initialize")) {
        *greets = 1;
        say(out, ",\"result\":");
        append(out, greeting.bytes, greeting.size);
    } else if (is(method, "tools/list")) {
        say(out, ",\"result\":");
        append(out, listing.bytes, listing.size);
    } else if (is(method, "resources/read")) {
        say(out, ",\"result\":{\"contents\":[{\"uri\":\"echo://it\",\"text\":\"ok\"}]}");
    } else if (is(method, "prompts/get")) {
        say(out, ",\"result\":{\"messages\":[]}");
    } else if (is(method, "ping")) {
        say(out, ",\"result\":{}");
    } else {
        say(out, ",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}");
    }
    say(out, "}");
    return 1;
}

static int write_all(int descriptor, struct text *out)
{
    size_t done = 0;
    while (done < out->size) {
        ssize_t some = write(descriptor, out->bytes + done, out->size - done);
        if (some >= 0) {
            done += (size_t)some;
        } else if (errno == EAGAIN) {
            struct pollfd room = { descriptor, POLLOUT, 0 };
            poll(&room, 1, -1);
        } else if (errno != EINTR) {
            return -1;
        }
    }
    out->size = 0;
    return 0;
}

static int serve_stdio(void)
{
    struct text in = { 0 }, out = { 0 };
    for (;;) {
        reserve(&in, 1 << 16);
        ssize_t some = read(0, in.bytes + in.size, in.room - in.size);
        if (some <= 0) {
            if (some < 0 && errno == EINTR)
                continue;
            return 0;
        }
        in.size += (size_t)some;
        char *line = in.bytes, *end, *limit = in.bytes + in.size;
        while ((end = memchr(line, '\n', (size_t)(limit - line)))) {
            int greets;
            if (respond((struct slice){ line, (size_t)(end - line) }, &out, &greets))
                append(&out, "\n", 1);
            line = end + 1;
        }
        in.size = (size_t)(limit - line);
        memmove(in.bytes, line, in.size);
        if (write_all(1, &out))
            return 0;
    }
}

struct connection { int descriptor; struct text in, out; };

static void refuse(struct connection *connection, const char *status)
{
    say(&connection->out, "HTTP/1.1 ");
    say(&connection->out, status);
    say(&connection->out, "\r\ncontent-length: 0\r\n\r\n");
}

static void exchange(struct connection *connection, struct slice head, struct slice body)
{
    static struct text payload;
    static unsigned long sessions;
    char line[300], size[64];
    int greets;
    if (!memcmp(head.start, "GET", 3)) {
        refuse(connection, "405 Method Not Allowed");
        return;
    }
    if (!memcmp(head.start, "DELETE", 6)) {
        refuse(connection, "200 OK");
        return;
    }
    if (option.redirect) {
        struct slice path = { head.start + LENGTH("POST "), 0 };
        while (path.start[path.size] != ' ')
            path.size++;
        if (path.start[path.size - 1] != '/') {
            say(&connection->out, "HTTP/1.1 307 Temporary Redirect\r\ncontent-length: 0\r\nlocation: ");
            append(&connection->out, path.start, path.size);
            say(&connection->out, "/\r\n\r\n");
            return;
        }
    }
    payload.size = 0;
    if (option.sse)
        say(&payload, "event: message\r\ndata: ");
    if (!respond(body, &payload, &greets)) {
        refuse(connection, "202 Accepted");
        return;
    }
    if (option.session && !greets && !memmem(head.start, head.size, "mcp-session-id: s-", 18)) {
        refuse(connection, "400 Bad Request");
        return;
    }
    if (option.sse)
        say(&payload, "\r\n\r\n");
    int length = snprintf(line, sizeof line, "HTTP/1.1 200 OK\r\ncontent-type: %s\r\n",
                          option.sse ? "text/event-stream" : "application/json");
    append(&connection->out, line, (size_t)length);
    if (option.session && greets) {
        length = snprintf(line, sizeof line, "mcp-session-id: s-%lu\r\n", ++sessions);
        append(&connection->out, line, (size_t)length);
    }
    if (option.chunked) {
        length = snprintf(size, sizeof size, "transfer-encoding: chunked\r\n\r\n%zx\r\n", payload.size);
        append(&connection->out, size, (size_t)length);
        append(&connection->out, payload.bytes, payload.size);
        say(&connection->out, "\r\n0\r\n\r\n");
    } else {
        length = snprintf(size, sizeof size, "content-length: %zu\r\n\r\n", payload.size);
        append(&connection->out, size, (size_t)length);
        append(&connection->out, payload.bytes, payload.size);
    }
}

/* 0 while it lives. */
static int serve_connection(struct connection *connection)
{
    reserve(&connection->in, 1 << 14);
    ssize_t some = read(connection->descriptor, connection->in.bytes + connection->in.size,
                        connection->in.room - connection->in.size);
    if (some <= 0)
        return !(some < 0 && (errno == EAGAIN || errno == EINTR));
    connection->in.size += (size_t)some;
    char *start = connection->in.bytes, *limit = start + connection->in.size, *end;
    while ((end = memmem(start, (size_t)(limit - start), "\r\n\r\n", 4))) {
        char *field = memmem(start, (size_t)(end - start), "ontent-", 7);
        size_t body = 0;
        for (; field; field = memmem(field, (size_t)(end - field), "ontent-", 7)) {
            field += 7;
            if (*field == 'l' || *field == 'L')
                body = strtoul(field + 7, NULL, 10);
        }
        end += 4;
        if ((size_t)(limit - end) < body)
            break;
        exchange(connection, (struct slice){ start, (size_t)(end - start) }, (struct slice){ end, body });
        start = end + body;
    }
    connection->in.size = (size_t)(limit - start);
    memmove(connection->in.bytes, start, connection->in.size);
    return connection->out.size && write_all(connection->descriptor, &connection->out);
}

static void welcome(int listener, int poller)
{
    int descriptor, one = 1;
    while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct connection *connection = calloc(1, sizeof *connection);
        connection->descriptor = descriptor;
        struct epoll_event event = { EPOLLIN, { .ptr = connection } };
        epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
    }
}

static int serve_http(int port)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poller = epoll_create1(0), one = 1;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                   .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof address;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4096)) {
        perror("listen");
        return 1;
    }
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    struct epoll_event event = { EPOLLIN, { .ptr = NULL } }, events[256];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(poller, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (!connection) {
                welcome(listener, poller);
            } else if (serve_connection(connection)) {
                close(connection->descriptor);
                free(connection->in.bytes);
                free(connection->out.bytes);
                free(connection);
            }
        }
    }
}

int main(int count, char **words)
{
    struct { const char *name; int *flag; long *number; } known[] = {
        { "--stateless", &option.stateless, 0 }, { "--sse", &option.sse, 0 }, { "--chunked", &option.chunked, 0 },
        { "--session", &option.session, 0 }, { "--schema", &option.schema, 0 }, { "--redirect", &option.redirect, 0 }, { "--echo", &option.echo, 0 },
        { "--size", 0, &option.size }, { "--freeze-at", 0, &option.freeze_at },
        { "--freeze-for", 0, &option.freeze_for }, { "--spin", 0, &option.spin },
        { "--fail-every", 0, &option.fail_every }, { "--die-after", 0, &option.die_after },
        { "--swallow-every", 0, &option.swallow_every }, { "--garble-every", 0, &option.garble_every },
        { "--swap-every", 0, &option.swap_every },
    };
    int http = count > 2 && !strcmp(words[1], "http");
    signal(SIGPIPE, SIG_IGN);
    for (int i = http ? 3 : 2; i < count; i++) {
        size_t k = 0, total = sizeof known / sizeof *known;
        while (k < total && strcmp(words[i], known[k].name))
            k++;
        if (k == total || (known[k].number && i + 1 == count)) {
            fprintf(stderr, "echo_server: cannot use `%s`\n", words[i]);
            return 2;
        }
        if (known[k].flag)
            *known[k].flag = 1;
        else
            *known[k].number = atol(words[++i]);
    }
    prepare();
    return http ? serve_http(atoi(words[2])) : serve_stdio();
}
