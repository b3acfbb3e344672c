"""What a refusal demands, read and written without the SDK."""

from __future__ import annotations

import pytest

from mcpctl.session.oauth.challenges import (
    MAX_CHALLENGE,
    demand,
    explanation,
    parameter,
    scopes_of,
    union,
    wants_more,
)
from mcpctl.session.tokens import Challenge


def challenge(text: str | None, status: int = 401) -> Challenge:
    return Challenge(status=status, text=text)


def test_scopes_are_words() -> None:
    assert scopes_of(challenge('Bearer realm="x", scope="read  write"')) == ("read", "write")
    assert scopes_of(challenge("Bearer scope=read")) == ("read",)
    assert scopes_of(challenge("Basic")) == ()
    assert scopes_of(challenge(None)) == ()


def test_a_parameter_is_found_whatever_its_case_and_quoting() -> None:
    assert parameter(challenge(r'Bearer Error_Description="say \"please\""'), "error_description") == (
        'say "please"'
    )


def test_a_name_inside_of_a_value_is_no_parameter() -> None:
    assert parameter(challenge('Bearer error_description="scope=admin", scope="read"'), "scope") == "read"


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [(403, "insufficient_scope", True), (401, "insufficient_scope", False), (403, "forbidden", False)],
)
def test_only_a_403_for_want_of_scope_wants_more(status: int, error: str, expected: bool) -> None:
    assert wants_more(challenge(f'Bearer error="{error}"', status)) is expected


def test_a_demand_leads_to_the_same_metadata() -> None:
    refusal = challenge('Bearer resource_metadata="https://x/prm", scope="a"', 403)
    assert demand(refusal, ("a", "b")) == 'Bearer scope="a b", resource_metadata="https://x/prm"'
    assert demand(challenge(None), ()) == "Bearer "


def test_a_demand_cannot_be_broken_out_of() -> None:
    assert demand(challenge(None), ('a"b\r\nc\\',)) == 'Bearer scope="abc"'


def test_a_union_keeps_the_order_and_each_scope_once() -> None:
    assert union(("b", "a"), ("a", "c"), ()) == ("b", "a", "c")


def test_an_explanation_is_one_short_line() -> None:
    said = explanation(challenge(f'Bearer error_description="{"long " * 100}"'))
    assert said.startswith(": long long")
    assert len(said) <= 202


def test_a_challenge_of_megabytes_costs_nothing() -> None:
    assert parameter(challenge("a" * MAX_CHALLENGE * 100), "scope") is None
    assert parameter(challenge('a="' + "\\" * MAX_CHALLENGE), "scope") is None
