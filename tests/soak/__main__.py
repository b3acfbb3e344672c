"""`python -m tests.soak [NAME…] [--seconds N]`: an hour by default; exits with 1 when something grew."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

SOAKS = ("loadtest",)
"""Each is a module here with `soak(seconds) -> str`, which raises `AssertionError` for what grew."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which of: {', '.join(SOAKS)} (default: all)"
    )
    parser.add_argument("--seconds", type=float, default=3600.0)
    options = parser.parse_args()
    unknown = set(options.names) - set(SOAKS)
    if unknown:
        parser.error(f"unknown soak: {', '.join(sorted(unknown))}")
    failed = False
    for name in options.names or SOAKS:
        try:
            print(f"{name}: {import_module(f'tests.soak.{name}').soak(options.seconds)}")
        except AssertionError as grown:
            failed = True
            print(f"{name}: FAILED, {grown}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
