"""What `[servers.NAME.health]` may say."""

from __future__ import annotations

from typing import Any

import pytest

from mcpctl.config.converters import SurpriseError
from mcpctl.config.schema import load
from mcpctl.config.shape import decode_server
from mcpctl.config.shape_health import LATENCY, decode_health
from mcpctl.health.objectives import NEEDED
from mcpctl.model.health import LEVELS
from mcpctl.model.health_spec import HealthSpec


def health(**raw: object) -> HealthSpec:
    return decode_health(raw)


def surprise(raw: Any) -> tuple[str, str]:
    with pytest.raises(SurpriseError) as caught:
        decode_health(raw)
    return ".".join(map(str, caught.value.path)), caught.value.message


def test_a_server_without_the_section_has_none() -> None:
    assert decode_server("x", {"command": "c"}).health is None
    assert decode_server("x", {"command": "c", "health": {}}).health == HealthSpec()


def test_everything_that_can_be_declared_is_read() -> None:
    made = health(
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
    (canary,) = made.canaries
    assert (canary.expect.pointer, canary.expect.equals, canary.expect.has_equals) == ("/sum", 3, True)
    assert (canary.arguments, canary.timeout) == ({"x": 1}, 2)
    assert [check.name for check in made.checks] == ["db", "api"]
    assert made.checks[0].command == ("pg_isready", "-q")
    assert made.checks[1].status == (200, 204)
    assert made.latency == {"p50": 0.01, "p99": 1}
    assert (made.interval, made.timeout, made.fall, made.rise, made.soak) == (60, 5, 4, 1, 3)
    assert made.objective == 1
    assert not made.required


def test_one_canary_and_one_command_need_no_list() -> None:
    made = health(canary={"tool": "a"}, command="true")
    assert [canary.tool for canary in made.canaries] == ["a"]
    assert (made.checks[0].name, made.checks[0].command) == ("custom", ("true",))


def test_checks_in_a_list_are_called_by_their_names_or_numbers() -> None:
    made = health(checks=[{"name": "disk", "command": ["df", "/"]}, {"url": "http://h", "status": 204}])
    assert [check.name for check in made.checks] == ["disk", "checks[1]"]
    assert made.checks[0].command == ("df", "/")
    assert made.checks[1].status == (204,)


def test_what_must_be_at_a_place_is_said_in_two_ways() -> None:
    first, second = (
        health(canary={"tool": "a", "expect": expect})
        for expect in ({"pointer": {"/a": [1]}}, {"pointer": "/a", "equals": [1]})
    )
    assert first == second


@pytest.mark.parametrize(
    ("raw", "path", "said"),
    [
        ([], "", "must be a table"),
        ({"intervall": "3s"}, "intervall", "is not a key that there is"),
        ({"level": "deep"}, "level", "must be one of `config`"),
        ({"canary": 3}, "canary", "must be a table"),
        ({"canary": [3]}, "canary.0", "must be a table"),
        ({"canary": [{"tool": "a"}, {}]}, "canary.1", "needs `tool`"),
        ({"canary": {"tool": "a", "expect": {"regexp": "x"}}}, "canary.expect.regexp", "is not a key"),
        ({"canary": {"tool": "a", "expect": {"pointer": "a"}}}, "canary.expect.pointer", "must be a JSON"),
        ({"canary": {"tool": "a", "expect": {"pointer": {}}}}, "canary.expect.pointer", "must be a JSON"),
        ({"canary": {"tool": "a", "expect": {"equals": 3}}}, "canary.expect", "needs `pointer`"),
        (
            {"canary": {"tool": "a", "expect": {"pointer": {"/a": 1}, "equals": 1}}},
            "canary.expect",
            "says twice what is expected",
        ),
        ({"checks": 3}, "checks", "must be a list or a table"),
        ({"checks": [{"command": "a", "url": "http://b"}]}, "checks.0", "needs a `command` or a `url`, and"),
        ({"checks": {"db": {}}}, "checks.db", "needs a `command` or a `url`"),
        ({"status": 200}, "", "needs a `command` or a `url`"),
        ({"command": "a 'b"}, "command", "must be a command line"),
        ({"url": "http://h", "status": 7}, "status", "must be a whole number from 100 to 599"),
        ({"latency": {"p42": "1s"}}, "latency.p42", "is not a key that there is"),
        ({"latency": {"p50": "soon"}}, "latency.p50", "must be a duration"),
        ({"timeout": True}, "timeout", "must be a duration"),
        ({"interval": "0s"}, "interval", "must be more than nothing"),
        ({"timeout": float("nan")}, "timeout", "must be a duration"),
        ({"fall": 0}, "fall", "must be a whole number from 1 on"),
        ({"required": "yes"}, "required", "must be `true` or `false`"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(raw: Any, path: str, said: str) -> None:
    where, message = surprise(raw)
    assert where == path
    assert message.startswith(said)


def test_levels_and_percentiles_are_the_same_everywhere() -> None:
    shared = load()["$defs"]
    assert shared["health"]["properties"]["level"]["enum"] == list(LEVELS)
    assert set(shared["latency"]["properties"]) == set(LATENCY) == set(NEEDED)
