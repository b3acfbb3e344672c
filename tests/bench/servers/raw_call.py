"""The least that a call can cost: three lines written, two answers read, no library. `raw_call.py COMMAND…`."""

import os
import sys

HELLO = (
    b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",'
    b'"capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}\n'
)
CALL = (
    b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n'
    b'{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hi"}}}\n'
)


def main() -> None:
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, theirs_in, 0), (os.POSIX_SPAWN_DUP2, theirs_out, 1)]
    child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=actions)
    os.close(theirs_in)
    os.close(theirs_out)
    with os.fdopen(ours_in, "rb") as answers:
        os.write(ours_out, HELLO)
        answers.readline()
        os.write(ours_out, CALL)
        sys.stdout.buffer.write(answers.readline())
    os.close(ours_out)
    os.waitpid(child, 0)


main()
