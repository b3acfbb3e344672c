from __future__ import annotations

from typing import Any

import pytest
from mcp_types import (
    CreateMessageResult,
    ElicitRequestURLParams,
    ElicitResult,
    ListRootsResult,
    Root,
    TextContent,
)

from tests.demo.eras import both_eras, called, connected, text
from tests.support import run


def answering(*answers: ElicitResult) -> tuple[list[Any], Any]:
    """An elicitation callback that gives these answers in turn, and keeps what it was asked."""
    questions: list[Any] = []
    waiting = list(answers)

    async def answer(context: Any, params: Any) -> ElicitResult:
        questions.append(params)
        return waiting.pop(0)

    return questions, answer


@both_eras
def test_ask_offers_a_field_of_every_kind(era: str) -> None:
    questions, answer = answering(ElicitResult(action="decline"))
    run(called(era, "ask", {"topic": "your cat"}, elicitation_callback=answer))
    (question,) = questions
    assert question.message == "Please tell us about your cat"
    schema = question.requested_schema
    assert schema["required"] == ["name"]
    fields = schema["properties"]
    assert {field["type"] for field in fields.values()} == {"string", "integer", "number", "boolean", "array"}
    assert {field.get("format") for field in fields.values()} == {None, "email", "uri", "date", "date-time"}
    assert fields["colour"]["enum"] == ["red", "green", "blue"]
    assert [option["title"] for option in fields["size"]["oneOf"]] == ["Small", "Medium"]
    assert fields["toppings"]["items"]["enum"] == ["cheese", "olives"]
    assert [option["title"] for option in fields["days"]["items"]["anyOf"]] == ["Saturday", "Sunday"]


@both_eras
def test_ask_returns_what_was_filled_in(era: str) -> None:
    _, answer = answering(ElicitResult(action="accept", content={"name": "Ada", "age": 36, "days": ["sun"]}))
    result = run(called(era, "ask", elicitation_callback=answer))
    assert result.structured_content is not None
    assert result.structured_content["action"] == "accept"
    profile = result.structured_content["profile"]
    assert (profile["name"], profile["age"], profile["days"], profile["colour"]) == (
        "Ada",
        36,
        ["sun"],
        "green",
    )


@both_eras
@pytest.mark.parametrize("action", ["decline", "cancel"])
def test_ask_says_when_nobody_wanted_to_answer(era: str, action: Any) -> None:
    _, answer = answering(ElicitResult(action=action))
    result = run(called(era, "ask", elicitation_callback=answer))
    assert result.structured_content == {"action": action, "profile": None}


@both_eras
def test_ask_refuses_an_answer_that_breaks_the_form(era: str) -> None:
    _, answer = answering(ElicitResult(action="accept", content={"name": "Ada", "age": 999}))
    result = run(called(era, "ask", elicitation_callback=answer))
    assert result.is_error
    assert "does not match the requested schema" in text(result)


@both_eras
def test_order_asks_twice_and_the_second_question_knows_the_first_answer(era: str) -> None:
    questions, answer = answering(
        ElicitResult(action="accept", content={"dish": "pie"}),
        ElicitResult(action="accept", content={"sure": True}),
    )
    assert text(run(called(era, "order", elicitation_callback=answer))) == "one pie"
    assert [question.message for question in questions] == ["What would you like?", "One pie, are you sure?"]


@both_eras
@pytest.mark.parametrize("action", ["accept", "decline", "cancel"])
def test_visit_shows_a_url_and_tells_the_outcome(era: str, action: Any) -> None:
    questions, answer = answering(ElicitResult(action=action))
    assert text(run(called(era, "visit", elicitation_callback=answer))) == f"visit: {action}"
    (question,) = questions
    assert isinstance(question, ElicitRequestURLParams)
    assert question.url.startswith("https://")


@both_eras
def test_sample_asks_the_model_of_the_client(era: str) -> None:
    async def model(context: Any, params: Any) -> CreateMessageResult:
        content = TextContent(type="text", text=params.messages[0].content.text.upper())
        return CreateMessageResult(role="assistant", content=content, model="shouter")

    assert text(run(called(era, "sample", {"prompt": "hi"}, sampling_callback=model))) == "shouter: HI"


@both_eras
def test_roots_lists_the_folders_of_the_client(era: str) -> None:
    async def folders(context: Any) -> ListRootsResult:
        return ListRootsResult(roots=[Root(uri="file:///a", name="first"), Root(uri="file:///b")])

    assert text(run(called(era, "roots", list_roots_callback=folders))) == "file:///a first\nfile:///b"


@both_eras
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("ask", {}), ("order", {}), ("visit", {}), ("sample", {"prompt": "x"}), ("roots", {})],
)
def test_a_client_that_cannot_be_asked_gets_an_error_and_stays_connected(
    era: str, tool: str, arguments: dict[str, Any]
) -> None:
    async def scenario() -> str:
        async with connected(era) as client:
            try:
                refused = (await client.call_tool(tool, arguments)).is_error
            except Exception:
                refused = True
            assert refused
            return text(await client.call_tool("echo", {"text": "still here"}))

    assert run(scenario()) == "still here"
