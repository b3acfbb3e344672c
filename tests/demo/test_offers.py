"""What the demo server offers besides tools: resources, prompts, completion, changes, cache hints."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mcp_types import (
    BlobResourceContents,
    EmptyResult,
    PromptReference,
    ResourceTemplateReference,
    ResourceUpdatedNotification,
    SubscribeRequest,
    SubscribeRequestParams,
    TextContent,
    TextResourceContents,
    UnsubscribeRequest,
    UnsubscribeRequestParams,
)

from mcpctl import __version__
from tests.demo.eras import HANDSHAKE, STATELESS, both_eras, connected, names
from tests.support import run


@both_eras
def test_the_server_says_who_it_is(era: str) -> None:
    async def scenario() -> tuple[str, Any, str | None]:
        async with connected(era) as client:
            return client.protocol_version, client.server_info, client.instructions

    version, identity, instructions = run(scenario())
    assert version == {HANDSHAKE: "2025-11-25", STATELESS: "2026-07-28"}[era]
    assert instructions
    assert (identity.name, identity.version) == ("mcpctl-demo", __version__)


@both_eras
def test_resources_and_the_template_are_listed(era: str) -> None:
    async def scenario() -> None:
        async with connected(era) as client:
            assert names((await client.list_resources()).resources) == {"note", "logo", "counter"}
            (template,) = (await client.list_resource_templates()).resource_templates
            assert template.uri_template == "demo://greeting/{name}"

    run(scenario())


@both_eras
def test_resources_are_read_as_text_and_as_bytes(era: str) -> None:
    async def scenario() -> list[Any]:
        uris = ("demo://note", "demo://logo.png", "demo://greeting/Grace%20Hopper")
        async with connected(era) as client:
            return [(await client.read_resource(uri)).contents[0] for uri in uris]

    note, logo, greeting = run(scenario())
    assert isinstance(note, TextResourceContents)
    assert note.text.startswith("# The demo server")
    assert isinstance(logo, BlobResourceContents)
    assert logo.mime_type == "image/png"
    assert greeting.text == "Hello, Grace Hopper!"


@both_eras
def test_an_unknown_resource_is_an_error_that_names_it(era: str) -> None:
    async def scenario() -> None:
        async with connected(era) as client:
            with pytest.raises(Exception, match="demo://nowhere"):
                await client.read_resource("demo://nowhere")

    run(scenario())


@both_eras
def test_the_counter_counts_and_is_wiped(era: str) -> None:
    async def scenario() -> list[str]:
        seen = []
        async with connected(era) as client:
            for tool in ("count", "count", "wipe"):
                await client.call_tool(tool)
                contents = (await client.read_resource("demo://counter", cache_mode="refresh")).contents[0]
                assert isinstance(contents, TextResourceContents)
                seen.append(contents.text)
        return seen

    assert run(scenario()) == ["1", "2", "0"]


def test_handshake_subscribers_hear_of_the_counter_until_they_unsubscribe() -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def hear(message: Any) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            heard.put_nowait(str(message.params.uri))

    async def scenario() -> None:
        async with connected(HANDSHAKE, message_handler=hear) as client:
            await client.call_tool("count")
            await client.session.send_request(_subscribe("demo://counter"), EmptyResult)
            await client.call_tool("count")
            assert await heard.get() == "demo://counter"
            await client.session.send_request(_unsubscribe("demo://counter"), EmptyResult)
            await client.call_tool("count")
        assert heard.empty()

    run(scenario())


def test_stateless_listeners_hear_of_the_counter() -> None:
    async def scenario() -> Any:
        async with (
            connected(STATELESS) as client,
            client.listen(resource_subscriptions=["demo://counter"]) as changes,
        ):
            await client.call_tool("count")
            return await anext(aiter(changes))

    assert run(scenario()).uri == "demo://counter"


@both_eras
def test_prompts_are_listed_and_filled(era: str) -> None:
    async def scenario() -> None:
        async with connected(era) as client:
            prompts = {prompt.name: prompt for prompt in (await client.list_prompts()).prompts}
            assert set(prompts) == {"introduce", "translate"}
            required = {argument.name: argument.required for argument in prompts["translate"].arguments or ()}
            assert required == {"text": True, "language": False, "tone": False}
            opening = await client.get_prompt("introduce")
            assert [message.role for message in opening.messages] == ["user", "assistant"]
            filled = await client.get_prompt("translate", {"text": "kissa", "language": "French"})
            content = filled.messages[0].content
            assert isinstance(content, TextContent)
            assert content.text == "Translate into French, in a casual tone:\n\nkissa"

    run(scenario())


@both_eras
@pytest.mark.parametrize(
    ("reference", "argument", "known", "values"),
    [
        (
            PromptReference(type="ref/prompt", name="translate"),
            ("language", "f"),
            None,
            ["French", "Finnish"],
        ),
        (
            PromptReference(type="ref/prompt", name="translate"),
            ("tone", ""),
            {"language": "Finnish"},
            ["muodollinen", "rento"],
        ),
        (PromptReference(type="ref/prompt", name="translate"), ("tone", "po"), None, ["poetic"]),
        (PromptReference(type="ref/prompt", name="nothing"), ("x", ""), None, []),
        (
            ResourceTemplateReference(type="ref/resource", uri="demo://greeting/{name}"),
            ("name", "A"),
            None,
            ["Ada", "Alan"],
        ),
        (ResourceTemplateReference(type="ref/resource", uri="demo://other/{name}"), ("name", "A"), None, []),
    ],
)
def test_arguments_complete(
    era: str, reference: Any, argument: tuple[str, str], known: dict[str, str] | None, values: list[str]
) -> None:
    async def scenario() -> list[str]:
        async with connected(era) as client:
            name, value = argument
            return list(
                (await client.complete(reference, {"name": name, "value": value}, known)).completion.values
            )

    assert run(scenario()) == values


def test_lists_say_how_long_they_stay_true() -> None:
    async def scenario() -> list[Any]:
        async with connected(STATELESS) as client:
            return [await client.list_tools(), await client.list_prompts(), await client.list_resources()]

    assert [(answer.ttl_ms, answer.cache_scope) for answer in run(scenario())] == [(3_600_000, "public")] * 3


def _subscribe(uri: str) -> Any:
    return SubscribeRequest(params=SubscribeRequestParams(uri=uri))


def _unsubscribe(uri: str) -> Any:
    return UnsubscribeRequest(params=UnsubscribeRequestParams(uri=uri))
