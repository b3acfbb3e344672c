"""`python -m tests.hostile [SERVER...] [--verb VERB]`: the whole matrix, each verb against each hostile server.

Prints the exit code of each cell as it is done, and ends with 1 when one of them is not as it must be. All of it takes
half an hour on two cores; `--part 2/6` does a part.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch

from tests.hostile.matrix import SERVERS, Cell, Entry, http_servers, matrix, modes, stdio_servers, verbs
from tests.support import PYTHON


def main() -> int:
    options = words().parse_args()
    chosen = [
        verb for verb in verbs() if not options.verb or any(fnmatch(verb, each) for each in options.verb)
    ]
    began = time.monotonic()
    with every_server() as servers:
        wanted = {
            name: entry
            for name, entry in servers.items()
            if not options.servers or any(fnmatch(name, each) for each in options.servers)
        }
        part, parts = (int(number) for number in options.part.split("/"))
        wanted = {name: wanted[name] for name in list(wanted)[part - 1 :: parts]}
        cells = list(told(matrix(chosen, wanted, at_once=options.at_once)))
    bad = [each for each in cells if each.fault]
    codes = ", ".join(
        f"{code}: {count}" for code, count in sorted(Counter(each.code for each in cells).items())
    )
    longest = max(cells, key=lambda each: each.seconds, default=None)
    print(
        f"\n{len(cells)} cells, {len(wanted)} servers, {time.monotonic() - began:.0f} s; exit codes {codes}"
    )
    if longest is not None:
        print(f"the longest was {longest.verb} against {longest.server}: {longest.seconds:.1f} s")
    print(f"{len(bad)} are not as they must be")
    return int(bool(bad))


def words() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument(
        "servers", nargs="*", metavar="SERVER", help="only these, such as `ansi` or `http:5*` (default: all)"
    )
    parser.add_argument(
        "--verb", action="append", metavar="VERB", help="only this, such as `call*`; repeatable"
    )
    parser.add_argument("--part", default="1/1", metavar="N/M", help="every Mth server, from the Nth on")
    parser.add_argument("--at-once", type=int, default=4, metavar="N", help="commands at a time (default: 4)")
    return parser


def told(cells: Iterator[Cell]) -> Iterator[Cell]:
    """A line for each server, a number for each verb; what is wrong has an exclamation mark."""
    last = ""
    for each in cells:
        if each.server != last:
            last = each.server
            print(f"\n{last:24}", end="")
        print(f"{each.code}{'!' if each.fault else ''}", end=" ", flush=True)
        if each.fault:
            sys.stderr.write(f"{each.verb} against {each.server}: {each.fault}\n")
        yield each
    print()


@contextlib.contextmanager
def every_server() -> Iterator[dict[str, Entry]]:
    """Entries of a configuration, by mode; those on HTTP run meanwhile."""
    servers = {
        **stdio_servers("stdio.py", modes("stdio.py")),
        **stdio_servers("everywhere.py", modes("everywhere.py")),
    }
    with address("http.py") as old, address("responses.py") as new:
        yield {
            **servers,
            **http_servers(old, modes("http.py")),
            **http_servers(new, modes("responses.py")),
        }


@contextlib.contextmanager
def address(script: str) -> Iterator[str]:
    """A hostile HTTP server, on a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([PYTHON, str(SERVERS / script), str(port)])
    try:
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
