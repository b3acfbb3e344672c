/* The limit of a client: keep so many calls in flight on a stdio server and do nothing else.
 *
 *   drive IN_FLIGHT CALLS -- COMMAND [ARG...]
 *
 * Prints one JSON object: calls per second, own processor time per call, latencies in microseconds.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROOM (4u << 20)

static const char greeting[] =
    "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
    "\"capabilities\":{},\"clientInfo\":{\"name\":\"drive\",\"version\":\"1\"}}}\n";
static const char ready[] = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";

static char in[ROOM], out[ROOM];
static size_t held, queued;
static int to_server, from_server;

static uint64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void flush_out(void)
{
    for (size_t done = 0; done < queued;) {
        ssize_t some = write(to_server, out + done, queued - done);
        if (some <= 0)
            exit(3);
        done += (size_t)some;
    }
    queued = 0;
}

static void receive(void)
{
    ssize_t some = read(from_server, in + held, ROOM - held);
    if (some <= 0)
        exit(4);
    held += (size_t)some;
}

static void queue_call(long id)
{
    queued += (size_t)sprintf(out + queued,
                              "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"tools/call\",\"params\":"
                              "{\"name\":\"echo\",\"arguments\":{\"text\":\"hi\"}}}\n", id);
}

static pid_t start(char **command)
{
    int down[2], up[2];
    if (pipe(down) || pipe(up))
        exit(1);
    pid_t child = fork();
    if (!child) {
        dup2(down[0], 0);
        dup2(up[1], 1);
        close(down[1]);
        close(up[0]);
        execvp(command[0], command);
        _exit(127);
    }
    close(down[0]);
    close(up[1]);
    to_server = down[1];
    from_server = up[0];
    return child;
}

static int by_size(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static double cpu_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1e-6 * (used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

int main(int count, char **words)
{
    if (count < 5)
        return 2;
    long width = atol(words[1]), total = atol(words[2]), sent = 0, got = 0;
    pid_t child = start(words + 4);
    uint64_t *began = calloc((size_t)total + 1, sizeof *began);
    uint32_t *took = calloc((size_t)total, sizeof *took);
    double sum = 0;
    if (write(to_server, greeting, sizeof greeting - 1) < 0)
        return 3;
    while (!memchr(in, '\n', held))
        receive();
    held = 0;
    if (write(to_server, ready, sizeof ready - 1) < 0)
        return 3;
    double cpu = cpu_seconds();
    uint64_t start_time = nanoseconds();
    while (sent < width && sent < total) {
        began[++sent] = nanoseconds();
        queue_call(sent);
    }
    flush_out();
    while (got < total) {
        receive();
        uint64_t now = nanoseconds();
        char *line = in, *end;
        while ((end = memchr(line, '\n', (size_t)(in + held - line)))) {
            long id = strtol(strstr(line, "\"id\":") + 5, NULL, 10);
            took[got++] = (uint32_t)(now - began[id]);
            sum += (double)(now - began[id]);
            line = end + 1;
            if (sent < total) {
                began[++sent] = now;
                queue_call(sent);
            }
        }
        held -= (size_t)(line - in);
        memmove(in, line, held);
        flush_out();
    }
    double wall = (double)(nanoseconds() - start_time) / 1e9;
    cpu = cpu_seconds() - cpu;
    close(to_server);
    waitpid(child, NULL, 0);
    qsort(took, (size_t)total, sizeof *took, by_size);
    printf("{\"in_flight\": %ld, \"calls\": %ld, \"rps\": %.0f, \"cpu_us\": %.3f, \"mean_us\": %.2f, "
           "\"p50_us\": %.2f, \"p99_us\": %.2f}\n",
           width, total, total / wall, cpu * 1e6 / total, sum / total / 1e3, took[total / 2] / 1e3,
           took[total * 99 / 100] / 1e3);
    return 0;
}
