"""`python -m tests.soak [NAME…] [--minutes N]`: an hour for each by default; exits with 1 when something grew."""

from __future__ import annotations

import argparse
import signal
import sys
from importlib import import_module

SOAKS = ("health", "loadtest", "supervisor")
"""Each is a module here with `soak(seconds) -> str`, which raises `AssertionError` for what grew."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which of: {', '.join(SOAKS)} (default: all)"
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=60.0)
    length.add_argument("--seconds", type=float)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and everything that was started is ended
    unknown = set(options.names) - set(SOAKS)
    if unknown:
        parser.error(f"unknown soak: {', '.join(sorted(unknown))}")
    seconds = options.minutes * 60 if options.seconds is None else options.seconds
    failed = False
    for name in options.names or SOAKS:
        try:
            print(f"{name}: {import_module(f'tests.soak.{name}').soak(seconds)}")
        except AssertionError as grown:
            failed = True
            print(f"{name}: FAILED, {grown}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
