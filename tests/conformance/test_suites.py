"""The short form: a few scenarios of each era, where the suites were fetched by `python -m tests.conformance`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.expectations import NEXT, STABLE
from tests.conformance.harness import UnavailableError, default_cache, node, play, suite

SHORT = (
    (STABLE, "2025-11-25", "initialize"),
    (NEXT, "2025-11-25", "tools_call"),
    (NEXT, "2026-07-28", "tools_call"),
    (NEXT, "2026-07-28", "http-standard-headers"),
    (NEXT, "2026-07-28", "sep-2322-client-request-state"),
    (STABLE, "2025-11-25", "auth/scope-step-up"),
    (NEXT, "2026-07-28", "auth/authorization-server-migration"),
    (NEXT, "extension", "auth/client-credentials-jwt"),
)


@pytest.mark.parametrize(("package", "version", "scenario"), SHORT)
def test_the_command_line_conforms(package: str, version: str, scenario: str) -> None:
    runtime, entry = _fetched(package)
    outcome = play(entry, runtime, version, scenario)
    assert outcome.passed, outcome.output


def _fetched(package: str) -> tuple[Path, Path]:
    try:
        runtime = node(default_cache(), install=False)
        return runtime, suite(package, default_cache(), runtime, install=False)
    except UnavailableError as reason:
        pytest.skip(str(reason))
