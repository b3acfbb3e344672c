"""Which runs there are, and what is known to fail in each: an entry that passes is a failure too."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One line of the suite at one version of the specification."""

    package: str
    version: str
    """A date, or `extension` for what stands beside the specification."""
    expected_failures: Mapping[str, str] = field(default_factory=dict)
    """Scenario -> why."""
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.package} at {self.version}"


_BEYOND = {
    "auth/enterprise-managed-authorization": "single sign-on of an enterprise: no flow of a command line",
    "auth/cross-app-access-complete-flow": "as above, under its older name",
    "auth/dpop": "proof of possession is an extension that no server of ours asks for",
    "auth/dpop-nonce": "as above",
    "auth/wif-jwt-bearer": "workload identities are exchanged before mcpctl starts",
    "sep-2640-client-no-prefetch": "skills are an extension for hosts of models",
    "sep-2640-client-verify-digest": "as above",
    "sep-2640-client-verify-size": "as above",
    "sep-2640-client-verify-frontmatter": "as above",
}

STABLE = "0.1.16"
NEXT = "0.2.0-alpha.12"
"""The only line that knows 2026-07-28."""

_ISSUER = {
    "auth/2025-03-26-oauth-metadata-backcompat": "its metadata names another issuer than its address, which must be refused"
    " (RFC 8414, section 3.3); the next line of the suite repaired that",
}

RUNS = (
    Run(package=STABLE, version="2025-11-25"),
    Run(package=STABLE, version="2025-03-26", expected_failures=_ISSUER),
    Run(package=STABLE, version="draft"),
    Run(package=STABLE, version="extension", left_out=_BEYOND),
    Run(package=NEXT, version="2025-11-25"),
    Run(package=NEXT, version="2026-07-28"),
    Run(package=NEXT, version="2025-03-26"),
    Run(package=NEXT, version="extension", left_out=_BEYOND),
)


def judge(run: Run, passed: Collection[str], failed: Collection[str]) -> list[str]:
    """What is wrong with these results, one sentence each."""
    expected = run.expected_failures
    unexpected = [f"`{name}` failed" for name in sorted(set(failed) - set(expected))]
    stale = [
        f"`{name}` passed although it is expected to fail" for name in sorted(set(passed) & set(expected))
    ]
    known = {*passed, *failed, *run.left_out}
    gone = [f"`{name}` is expected to fail but does not exist" for name in sorted(set(expected) - known)]
    return [*unexpected, *stale, *gone]
