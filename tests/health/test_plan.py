"""What `[servers.NAME.health]` may say."""

from __future__ import annotations

import pytest

from mcpctl.errors import ConfigError
from mcpctl.health.plan import HealthPlan, plan_of
from mcpctl.model.server import ServerSpec


def plan(**health: object) -> HealthPlan:
    return plan_of(ServerSpec(name="x", health=health))


def faults(**health: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        plan(**health)
    return [caught.value.message, *(each.message for each in caught.value.related)]


def test_nothing_declared_is_a_plan_of_defaults() -> None:
    assert plan() == HealthPlan()


def test_everything_that_can_be_declared_is_read() -> None:
    made = plan(
        level="canary",
        canary=[{"tool": "a", "arguments": {"x": 1}, "expect": {"pointer": {"/sum": 3}}, "timeout": "2s"}],
        checks={"db": {"command": "pg_isready -q"}, "api": {"url": "http://h/x", "status": [200, 204]}},
        latency={"p50": "10ms", "p99": 1},
        interval="1m",
        timeout=5,
        fall=4,
        rise=1,
        required=False,
        soak=3,
    )
    assert made.canaries[0].expect.equals == 3
    assert made.canaries[0].timeout == 2
    assert [check.name for check in made.checks] == ["db", "api"]
    assert made.checks[0].command == ("pg_isready", "-q")
    assert made.checks[1].status == (200, 204)
    assert made.latency == {"p50": 0.01, "p99": 1}
    assert (made.interval, made.timeout, made.fall, made.rise, made.soak) == (60, 5, 4, 1, 3)
    assert made.objective == 1
    assert not made.required


def test_one_canary_and_one_command_need_no_list() -> None:
    made = plan(canary={"tool": "a"}, command="true")
    assert [canary.tool for canary in made.canaries] == ["a"]
    assert made.checks[0].command == ("true",)


def test_every_fault_is_told_at_once() -> None:
    told = faults(
        level="deep",
        canary=[{"arguments": 3, "expect": {"regexp": "x"}}],
        latency={"p50": "soon", "p42": "1s"},
        fall=0,
        required="yes",
        checks=[{"command": "a", "url": "http://b"}],
        intervall="3s",
    )
    for said in (
        "`health.level` must be one of",
        "`health.canary[0].tool` must be a text",
        "`health.canary[0].arguments` must be a table",
        "`health.canary[0].expect.regexp` is not known",
        "`health.latency.p50` must be a duration",
        "`health.latency.p42` is not known",
        "`health.fall` must be a whole number",
        "`health.required` must be `true` or `false`",
        "`health.checks[0].command` is needed, or a `url`, but not both",
        "`health.intervall` is not known",
    ):
        assert any(fault.startswith(said) for fault in told), said


@pytest.mark.parametrize("value", [True, -1, "0s", [], "x", float("nan")])
def test_a_time_must_be_a_time(value: object) -> None:
    assert "must be a duration" in faults(timeout=value)[0]


@pytest.mark.parametrize("health", [[], "x", {"canary": 3}, {"canary": [3]}, {"checks": 3}, {"latency": 3}])
def test_shapes_that_make_no_sense_are_faults_and_never_crashes(health: object) -> None:
    with pytest.raises(ConfigError):
        plan_of(ServerSpec(name="x", health=health))  # type: ignore[arg-type]
