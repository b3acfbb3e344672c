/* The limit of a client for one big answer: call a tool of a stdio server, and write what comes to stdout as it comes.
 *
 *   pour COMMAND [ARG...]
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char greeting[] =
    "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
    "\"capabilities\":{},\"clientInfo\":{\"name\":\"pour\",\"version\":\"1\"}}}\n";
static const char call[] =
    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n"
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\","
    "\"arguments\":{\"text\":\"x\"}}}\n";

static char room[1 << 16];

static void put(int to, const char *data, size_t size)
{
    while (size) {
        ssize_t done = write(to, data, size);
        if (done <= 0) _exit(1);
        data += done;
        size -= (size_t)done;
    }
}

/* Up to and with a line feed, which is the last thing that the server sends before it is asked again. */
static void line(int from, int to)
{
    for (;;) {
        ssize_t got = read(from, room, sizeof room);
        if (got <= 0) _exit(1);
        if (to >= 0) put(to, room, (size_t)got);
        if (room[got - 1] == '\n') return;
    }
}

int main(int argc, char **argv)
{
    int down[2], up[2];
    if (argc < 2 || pipe(down) || pipe(up)) return 2;
    pid_t child = fork();
    if (child == 0) {
        dup2(down[0], 0);
        dup2(up[1], 1);
        close(down[1]);
        close(up[0]);
        execvp(argv[1], argv + 1);
        _exit(127);
    }
    close(down[0]);
    close(up[1]);
    put(down[1], greeting, sizeof greeting - 1);
    line(up[0], -1);
    put(down[1], call, sizeof call - 1);
    line(up[0], 1);
    close(down[1]);
    return waitpid(child, 0, 0) == child ? 0 : 1;
}
