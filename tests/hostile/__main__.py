"""`python -m tests.hostile [MODE...] [--verb VERB]`: the whole matrix, each verb against each hostile server.

Prints the exit code of each cell as it is done, and ends with 1 when one of them is not as it must be.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.hostile.matrix import SERVERS, Cell, matrix, modes, stdio_servers, verbs
from tests.support import PYTHON


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument(
        "modes", nargs="*", metavar="MODE", help="only these servers, such as `ansi` or `http:500_call`"
    )
    parser.add_argument("--verb", action="append", choices=verbs(), help="only this verb; repeatable")
    parser.add_argument("--at-once", type=int, default=2, metavar="N", help="commands at a time (default: 2)")
    options = parser.parse_args()
    chosen = options.verb or verbs()
    with addresses() as base:
        servers = stdio_servers(modes("stdio.py"))
        servers |= {f"http:{mode}": {"url": f"{base}/{mode}"} for mode in modes("http.py")}
        unknown = set(options.modes) - set(servers)
        if unknown:
            parser.error(f"unknown: {', '.join(sorted(unknown))}")
        wanted = {
            mode: entry for mode, entry in servers.items() if not options.modes or mode in options.modes
        }
        bad = [each for each in told(matrix(chosen, wanted, at_once=options.at_once), chosen) if each.fault]
    for each in bad:
        print(f"{each.verb} against {each.mode}: {each.fault}")
    print(f"{len(bad)} of {len(wanted) * len(chosen)} are not as they must be")
    return int(bool(bad))


def told(cells: Iterator[Cell], chosen: list[str]) -> Iterator[Cell]:
    """A row for each server; what is wrong has an exclamation mark."""
    width = max(len(verb) for verb in chosen)
    print(f"{'':24}" + " ".join(f"{verb:>{width}}" for verb in chosen))
    for number, each in enumerate(cells):
        if number % len(chosen) == 0:
            print(f"\n{each.mode:24}" if number else f"{each.mode:24}", end="")
        mark = f"{each.code}{'!' if each.fault else ''}"
        print(f"{mark:>{width}}", end=" ", flush=True)
        yield each
    print()


@contextlib.contextmanager
def addresses() -> Iterator[str]:
    """The hostile HTTP server, on a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([PYTHON, str(SERVERS / "http.py"), str(port)])
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
