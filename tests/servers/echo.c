/* The fastest echo server there is a point in having: what a client costs shows only against a server that costs
 * nothing. It answers by the id and a few words found in the line, and is no example of how to read JSON.
 *
 * Build: cc -O2 -o echo echo.c        Lines up to 1 MiB; ends on EOF.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CAPACITY (1 << 20)

static char in[CAPACITY], out[CAPACITY];
static size_t in_used, out_used;

static void flush_out(void) {
    size_t done = 0;
    while (done < out_used) {
        ssize_t n = write(1, out + done, out_used - done);
        if (n <= 0) _exit(1);
        done += (size_t)n;
    }
    out_used = 0;
}

static void put(const char *bytes, size_t n) {
    if (n > CAPACITY) return;
    if (out_used + n > CAPACITY) flush_out();
    memcpy(out + out_used, bytes, n);
    out_used += n;
}

static void say(const char *text) { put(text, strlen(text)); }

static int has(const char *line, size_t n, const char *word) { return memmem(line, n, word, strlen(word)) != NULL; }

/* The value behind a key: up to the closing quote of a string, or to the end of a number. */
static size_t value_of(const char *line, size_t n, const char *key, const char **value) {
    const char *at = memmem(line, n, key, strlen(key)), *end = line + n;
    if (!at) return 0;
    at += strlen(key);
    while (at < end && (*at == ' ' || *at == ':')) at++;
    *value = at;
    if (at < end && *at == '"') {
        const char *close = at + 1;
        while (close < end && *close != '"') close += *close == '\\' ? 2 : 1;
        return (size_t)(close + 1 - at);
    }
    const char *close = at;
    while (close < end && *close != ',' && *close != '}') close++;
    return (size_t)(close - at);
}

static void answer(const char *line, size_t n) {
    const char *id, *text;
    size_t id_length = value_of(line, n, "\"id\"", &id);
    if (!id_length) return;
    say("{\"jsonrpc\":\"2.0\",\"id\":");
    put(id, id_length);
    if (has(line, n, "\"initialize\"")) {
        say(",\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
            "\"serverInfo\":{\"name\":\"echo\",\"version\":\"1.0\"}}}\n");
    } else if (has(line, n, "\"tools/call\"")) {
        size_t length = value_of(line, n, "\"text\"", &text);
        say(",\"result\":{\"content\":[{\"type\":\"text\",\"text\":");
        if (length) put(text, length);
        else say("\"\"");
        say("}],\"isError\":false}}\n");
    } else if (has(line, n, "\"tools/list\"")) {
        say(",\"result\":{\"tools\":[{\"name\":\"echo\",\"description\":\"Return the text.\",\"inputSchema\":"
            "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"}},\"required\":[\"text\"]}}]}}\n");
    } else if (has(line, n, "\"ping\"")) {
        say(",\"result\":{}}\n");
    } else {
        say(",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}\n");
    }
}

int main(void) {
    for (;;) {
        ssize_t n = read(0, in + in_used, CAPACITY - in_used);
        if (n <= 0) return 0;
        in_used += (size_t)n;
        char *line = in, *end = in + in_used, *stop;
        while ((stop = memchr(line, '\n', (size_t)(end - line)))) {
            answer(line, (size_t)(stop - line));
            line = stop + 1;
        }
        in_used = (size_t)(end - line);
        memmove(in, line, in_used);
        if (in_used == CAPACITY) return 1;
        flush_out();
    }
}
