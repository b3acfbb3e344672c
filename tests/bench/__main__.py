"""`python -m tests.bench [NAME…]` prints one table; with `--check`, a ratio beyond its limit ends it with 1."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from tests.bench.frame import Row, available, skipped, table

BENCHES = (
    "startup",
    "validate",
    "calls",
    "results",
    "run",
    "stdio",
    "http",
    "sessions",
    "health",
    "loadtest",
)
"""Cheap ones first. Each is a module here with `measure() -> list[Row]`."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which of: {', '.join(BENCHES)} (default: all)"
    )
    parser.add_argument("--check", action="store_true", help="exit with 1 when a limit was missed")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHES)
    if unknown:
        parser.error(f"unknown benchmark: {', '.join(sorted(unknown))}")
    rows = [row for name in options.names or BENCHES for row in _measure(name)]
    print(table(rows))
    return int(options.check and any(row.missed for row in rows))


def _measure(name: str) -> list[Row]:
    module = f"tests.bench.{name}"
    if not available(module):
        return [skipped(name, "not written yet")]
    print(f"measuring {name} …", file=sys.stderr)
    rows: list[Row] = import_module(module).measure()
    return rows


if __name__ == "__main__":
    sys.exit(main())
