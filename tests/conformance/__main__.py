"""`python -m tests.conformance [SCENARIO…]` runs the official suites against this tree's mcpctl.

Needs Node 22 or newer, which it takes from the package index where it may; without one it says so and ends with 0.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.conformance.expectations import RUNS, Run, judge
from tests.conformance.harness import Outcome, UnavailableError, default_cache, node, play, scenarios, suite


def main() -> int:
    options = _options()
    try:
        runtime = node(options.cache, install=not options.offline)
        complaints = [each for run in _chosen(options) for each in _run(run, runtime, options)]
    except UnavailableError as reason:
        print(f"skipped: {reason}")
        return 0
    for complaint in complaints:
        print(complaint)
    return int(bool(complaints))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument(
        "scenarios", nargs="*", metavar="SCENARIO", help="only these, or those that begin with it"
    )
    parser.add_argument("--package", help="only this version of the suite")
    parser.add_argument("--version", help="only this version of the specification")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where the suites are kept")
    parser.add_argument("--offline", action="store_true", help="fetch nothing")
    parser.add_argument("--jobs", type=int, default=2, help="scenarios at once (default 2)")
    parser.add_argument("--verbose", action="store_true", help="show the output of all that fail")
    return parser.parse_args()


def _chosen(options: argparse.Namespace) -> Sequence[Run]:
    return [
        run
        for run in RUNS
        if options.package in {None, run.package} and options.version in {None, run.version}
    ]


def _run(run: Run, runtime: Path, options: argparse.Namespace) -> list[str]:
    entry = suite(run.package, options.cache, runtime, install=not options.offline)
    names = [name for name in scenarios(entry, runtime, run.version) if name not in run.left_out]
    wanted = tuple(options.scenarios)
    if wanted:
        names = [name for name in names if name.startswith(wanted)]
    attempt = partial(play, entry, runtime, run.version)
    with ThreadPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(attempt, names))
    # Some scenarios measure time: what failed in company gets one try alone.
    outcomes = [
        outcome if outcome.passed or outcome.scenario in run.expected_failures else attempt(outcome.scenario)
        for outcome in outcomes
    ]
    _report(run, outcomes, verbose=options.verbose)
    passed = {outcome.scenario for outcome in outcomes if outcome.passed}
    failed = {outcome.scenario for outcome in outcomes if not outcome.passed}
    complaints = judge(run, passed, failed)
    return [
        f"{run.name}: {complaint}" for complaint in complaints if not wanted or "not exist" not in complaint
    ]


def _report(run: Run, outcomes: Sequence[Outcome], *, verbose: bool) -> None:
    passed = sum(outcome.passed for outcome in outcomes)
    print(f"{run.name}: {passed} of {len(outcomes)} scenarios pass")
    for outcome in outcomes:
        if outcome.passed:
            continue
        reason = run.expected_failures.get(outcome.scenario)
        print(f"  failed: {outcome.scenario}" + (f" (expected: {reason})" if reason else ""))
        if verbose:
            print("    " + outcome.output.replace("\n", "\n    "))


if __name__ == "__main__":
    sys.exit(main())
