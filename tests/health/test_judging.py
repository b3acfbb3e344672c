"""The pure parts: expectations, lists, objectives, endings, verdicts, exit codes."""

from __future__ import annotations

import pytest

from mcpctl.errors import AuthError, ConfigError, ConnectError, DeadlineError, ProtocolError, UsageError
from mcpctl.health import objectives, offers, verdicts
from mcpctl.health.blame import blamed
from mcpctl.health.endings import noisy, stopped
from mcpctl.health.expectations import broken
from mcpctl.health.findings import FINDINGS, found
from mcpctl.model.health import Check, ServerHealth, Verdict
from mcpctl.model.health_spec import ExpectSpec
from mcpctl.model.protocol import ToolResult
from mcpctl.transports.channel import ChannelFacts


def answer(text: str = "", **more: object) -> ToolResult:
    return ToolResult(content=({"type": "text", "text": text},), **more)  # type: ignore[arg-type]


def server(status: Verdict, *, required: bool = True) -> ServerHealth:
    return ServerHealth(name=status, status=status, level="list", required=required)


@pytest.mark.parametrize(
    ("expect", "given", "complaint"),
    [
        (ExpectSpec(contains="b"), answer("abc"), None),
        (ExpectSpec(contains="x"), answer("abc"), "the answer `abc` does not contain `x`"),
        (ExpectSpec(regex="^a.c$"), answer("abc"), None),
        (ExpectSpec(regex="^b"), answer("abc"), "the answer `abc` does not match `^b`"),
        (ExpectSpec(regex="("), answer("abc"), "the pattern `(` cannot be used"),
        (ExpectSpec(pointer="/a/0"), answer('{"a": [1]}'), None),
        (ExpectSpec(pointer="/a/1"), answer('{"a": [1]}'), "there is nothing at `/a/1` of the answer"),
        (ExpectSpec(pointer="/a~1b", equals=1, has_equals=True), answer('{"a/b": 1}'), None),
        (
            ExpectSpec(pointer="/a", equals=1, has_equals=True),
            answer('{"a": true}'),
            "`/a` is `true` and not `1`",
        ),
        (
            ExpectSpec(pointer="/sum", equals=3, has_equals=True),
            answer("3", structured={"sum": 3}, has_structured=True),
            None,
        ),
        (ExpectSpec(json_schema={"type": "string"}), answer("plain"), None),
        (
            ExpectSpec(json_schema={"properties": {"a": {"type": "string"}}}),
            answer('{"a": 1}'),
            'the answer does not fit the schema at `/a`: 1 is not of type "string"',
        ),
    ],
)
def test_an_answer_is_held_against_its_expectation(
    expect: ExpectSpec, given: ToolResult, complaint: str | None
) -> None:
    assert broken(expect, given) == complaint


def test_a_pattern_cannot_run_away_on_what_a_server_sends() -> None:
    complaint = broken(ExpectSpec(regex=r"^(a+)+$"), answer("a" * 5000 + "!"))
    assert complaint is not None
    assert "does not match" in complaint


def tool(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "inputSchema": {"type": "object"}, **more}


def test_lists_are_judged_by_names_and_schemas() -> None:
    tools = [
        tool("a"),
        tool("a"),
        tool("b c"),
        tool("d", inputSchema={"type": "object", "properties": {"x": {"type": 12}}}),
        tool("e", inputSchema="no"),
        tool("f", inputSchema={"type": "string"}),
        tool("g", outputSchema={"type": 12}),
    ]
    checks = offers.judge("tools/list", tools, ["`z` is left out: no `name`"])
    codes = [check.code for check in checks]
    assert codes == ["H305", "H302", "H303", "H303", "H303", "H303", "H304"]
    assert checks[-1].status == "warning"
    assert offers.judge("tools/list", [tool("a"), tool("b")]) == []


def test_ten_thousand_bad_names_are_a_handful_of_findings() -> None:
    checks = offers.judge("tools/list", [tool(f"n {at}") for at in range(10_000)])
    assert len(checks) == offers.TOLD + 1
    assert "9995 more" in (checks[-1].message or "")


def test_a_percentile_needs_samples_and_one_slow_answer_meets_only_the_loosest() -> None:
    latency = {"p50": 0.01, "p99": 0.1}
    assert objectives.missed(latency, []) == []
    assert objectives.missed(latency, [0.05]) == []
    assert [check.code for check in objectives.missed(latency, [0.2])] == ["H503"]
    assert [check.code for check in objectives.missed(latency, [0.05, 0.05])] == ["H501"]
    many = [0.001] * 98 + [0.5, 0.5]
    assert [check.code for check in objectives.missed(latency, many)] == ["H503"]
    assert objectives.missed({}, many) == []


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (ChannelFacts(exit_status=0), []),
        (ChannelFacts(exit_status=-15), []),
        (ChannelFacts(exit_status=3), ["H605"]),
        (ChannelFacts(exit_status=-15, killed_with="SIGTERM"), ["H601"]),
        (ChannelFacts(exit_status=-9, killed_with="SIGKILL", swept=2), ["H602", "H603"]),
    ],
)
def test_the_end_of_a_process_is_judged(facts: ChannelFacts, codes: list[str]) -> None:
    assert [check.code for check in stopped(facts, duration_ms=1) if check.code] == codes


def test_noise_is_counted_and_sampled() -> None:
    assert noisy(ChannelFacts()) is None
    check = noisy(ChannelFacts(noise_lines=2, noise_samples=["starting"]))
    assert check is not None
    assert check.message == "2 lines on stdout are not JSON-RPC, such as `starting`"


@pytest.mark.parametrize(
    ("error", "step", "code", "verdict"),
    [
        (ConnectError("x"), "start", "H201", "unreachable"),
        (ConnectError("x", exit_status=3), "start", "H202", "unreachable"),
        (DeadlineError("x", step="start", limit=1), "handshake", "H203", "unreachable"),
        (ProtocolError("x"), "handshake", "H205", "unhealthy"),
        (AuthError("x"), "list", "H206", "auth_required"),
        (ProtocolError("x"), "list", "H301", "unhealthy"),
        (ConnectError("x", exit_status=1), "list", "H307", "unhealthy"),
        (UsageError("x"), "canary", "H403", "unhealthy"),
        (DeadlineError("x", step="call", limit=1), "canary", "H404", "unhealthy"),
        (ConfigError("x"), "start", "H106", "config_error"),
    ],
)
def test_every_kind_of_error_has_a_code_and_a_verdict(
    error: ConnectError, step: str, code: str, verdict: Verdict
) -> None:
    check = blamed(error, step)
    assert check.code == code
    assert verdicts.verdict_of([check]) == verdict


def test_every_finding_has_a_title_and_an_imperative() -> None:
    for code, finding in FINDINGS.items():
        assert len(code) == 4
        assert code[0] == "H"
        assert finding.title
        assert finding.hint


def test_warnings_degrade_and_the_first_failure_decides() -> None:
    warning = found("H604", "stdout", "x", status="warning")
    assert verdicts.verdict_of([Check(name="a", status="ok")]) == "healthy"
    assert verdicts.verdict_of([warning]) == "degraded"
    assert (
        verdicts.verdict_of([warning, found("H206", "list", "x"), found("H401", "c", "x")]) == "auth_required"
    )


@pytest.mark.parametrize(
    ("states", "word", "code", "strict"),
    [
        ([], "skipped", 0, 0),
        (["healthy", "skipped"], "healthy", 0, 0),
        (["healthy", "degraded"], "degraded", 0, 1),
        (["healthy", "unhealthy"], "unhealthy", 1, 1),
        (["config_error", "config_error"], "config_error", 3, 3),
        (["unreachable", "degraded"], "unreachable", 4, 1),
        (["auth_required"], "auth_required", 7, 7),
        (["auth_required", "unreachable"], "unhealthy", 1, 1),
    ],
)
def test_one_kind_of_failure_gives_its_own_code(
    states: list[Verdict], word: str, code: int, strict: int
) -> None:
    servers = [server(state) for state in states]
    assert verdicts.overall(servers) == word
    assert verdicts.exit_code(servers) == code
    assert verdicts.exit_code(servers, fail_on="degraded") == strict


def test_only_required_servers_decide_about_readiness() -> None:
    assert verdicts.ready([server("healthy"), server("unreachable", required=False)])
    assert not verdicts.ready([server("healthy"), server("unreachable")])
