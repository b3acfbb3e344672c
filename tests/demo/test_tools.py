from __future__ import annotations

import asyncio
import base64
import struct
import zlib
from typing import Any

import pytest
from mcp_types import EmptyResult, ImageContent, SetLevelRequest, SetLevelRequestParams

from mcpctl.demo.server import build
from tests.demo.eras import HANDSHAKE, STATELESS, both_eras, called, connected, names, text
from tests.support import run


@both_eras
@pytest.mark.parametrize("words", ["hello", "", '{"a": 1}', "42", "ä\u2028\x07\U0001f600"])
def test_echo_gives_back_what_it_was_given(era: str, words: str) -> None:
    assert text(run(called(era, "echo", {"text": words}))) == words


@both_eras
def test_add_answers_in_text_and_in_structure(era: str) -> None:
    result = run(called(era, "add", {"a": 2, "b": -5}))
    assert text(result) == "-3"
    assert result.structured_content == {"result": -3}


@both_eras
def test_fail_answers_with_the_message_and_is_an_error(era: str) -> None:
    result = run(called(era, "fail", {"message": "no luck"}))
    assert result.is_error
    assert text(result) == "no luck"


@both_eras
def test_big_has_as_many_lines_as_asked_for(era: str) -> None:
    lines = text(run(called(era, "big", {"lines": 2000, "width": 100}))).split("\n")
    assert len(lines) == 2000
    assert lines[1999].startswith("line 2000: ")
    assert {len(line) for line in lines} == {100}


@pytest.mark.parametrize(
    ("tool", "arguments", "named"),
    [
        ("big", {"lines": 10**9}, "less than or equal to 1000000"),
        ("big", {"lines": -1}, "greater than or equal to 0"),
        ("big", {"lines": 10**6, "width": 10**5}, "more than 64 MiB"),
        ("slow", {"seconds": 1e9}, "less than or equal to 300"),
        ("progress", {"steps": 10**9}, "less than or equal to 10000"),
        ("image", {"size": 10**5}, "less than or equal to 512"),
        ("add", {"a": 1}, "b\n  Field required"),
        ("add", {"a": "one", "b": 1}, "valid integer"),
        ("log", {"level": "loud", "message": ""}, "'debug', 'info'"),
    ],
)
def test_arguments_out_of_bounds_are_refused_in_words(
    tool: str, arguments: dict[str, Any], named: str
) -> None:
    result = run(called(STATELESS, tool, arguments))
    assert result.is_error
    assert named in text(result)


@both_eras
@pytest.mark.parametrize(
    ("tool", "arguments", "reports"), [("progress", {"steps": 3}, 3), ("slow", {"seconds": 0.01}, 11)]
)
def test_progress_arrives_in_order_and_ends_at_the_total(
    era: str, tool: str, arguments: dict[str, Any], reports: int
) -> None:
    heard: list[tuple[float, float | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total))

    async def scenario() -> None:
        async with connected(era) as client:
            await client.call_tool(tool, arguments, progress_callback=hear)

    run(scenario())
    assert len(heard) == reports
    assert heard == sorted(heard)
    assert heard[-1][0] == heard[-1][1]


@both_eras
def test_slow_stops_when_it_is_cancelled(era: str) -> None:
    async def scenario() -> str:
        async with connected(era) as client:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await client.call_tool("slow", {"seconds": 300})
            return text(await client.call_tool("echo", {"text": "still here"}))

    assert run(scenario()) == "still here"


def test_the_image_is_a_png_that_decodes() -> None:
    (block,) = run(called(HANDSHAKE, "image", {"size": 5})).content
    assert isinstance(block, ImageContent)
    assert block.mime_type == "image/png"
    data = base64.b64decode(block.data)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks = dict(_chunks(data[8:]))
    assert struct.unpack(">II", chunks[b"IHDR"][:8]) == (5, 5)
    assert len(zlib.decompress(chunks[b"IDAT"])) == 5 * (1 + 3 * 5)


@both_eras
def test_structured_keeps_to_its_schema(era: str) -> None:
    result = run(called(era, "structured", {"name": "south"}))
    assert result.structured_content is not None
    assert result.structured_content["name"] == "south"
    assert result.structured_content["position"] == {"latitude": 68.35, "longitude": 18.82}


@both_eras
def test_mixed_has_a_block_of_each_kind(era: str) -> None:
    kinds = [block.type for block in run(called(era, "mixed")).content]
    assert kinds == ["text", "image", "audio", "resource_link", "resource"]


def test_annotations_say_what_each_tool_does() -> None:
    async def scenario() -> dict[str, Any]:
        async with connected(STATELESS) as client:
            return {tool.name: tool.annotations for tool in (await client.list_tools()).tools}

    hints = run(scenario())
    assert all(hint is not None for hint in hints.values())
    assert {name for name, hint in hints.items() if hint.destructive_hint} == {"wipe"}
    assert {name for name, hint in hints.items() if not hint.read_only_hint} == {"wipe", "count"}
    assert hints["wipe"].idempotent_hint
    assert not hints["count"].idempotent_hint
    assert {name for name, hint in hints.items() if hint.open_world_hint} == {
        "ask",
        "order",
        "visit",
        "sample",
        "roots",
    }


def test_every_tool_and_argument_is_described() -> None:
    async def scenario() -> list[Any]:
        async with connected(STATELESS) as client:
            return (await client.list_tools()).tools

    for tool in run(scenario()):
        assert tool.description, tool.name
        for name, schema in tool.input_schema["properties"].items():
            assert schema.get("description"), f"{tool.name}.{name}"


@both_eras
def test_more_tools_come_in_pages(era: str) -> None:
    async def scenario() -> tuple[list[int], set[str]]:
        sizes, seen, cursor = [], set(), None
        async with connected(era, build(extra_tools=230)) as client:
            while True:
                page = await client.list_tools(cursor=cursor)
                sizes.append(len(page.tools))
                seen |= names(page.tools)
                if (cursor := page.next_cursor) is None:
                    return sizes, seen

    sizes, seen = run(scenario())
    assert sizes[:2] == [100, 100]
    assert {"echo", "extra_1", "extra_230"} <= seen
    assert sum(sizes) == len(seen)


@pytest.mark.parametrize("cursor", ["next", "-1", "100000"])
def test_an_unknown_cursor_is_refused(cursor: str) -> None:
    async def scenario() -> None:
        async with connected(STATELESS) as client:
            with pytest.raises(Exception, match="unknown cursor"):
                await client.list_tools(cursor=cursor)

    run(scenario())


@pytest.mark.parametrize(("asked", "heard"), [(None, ["debug", "error"]), ("warning", ["error"])])
def test_handshake_clients_hear_the_levels_they_set(asked: Any, heard: list[str]) -> None:
    levels: list[str] = []

    async def hear(params: Any) -> None:
        levels.append(params.level)

    async def scenario() -> None:
        async with connected(HANDSHAKE, logging_callback=hear) as client:
            if asked:
                await client.session.send_request(_set_level(asked), EmptyResult)
            for level in ("debug", "error"):
                await client.call_tool("log", {"level": level, "message": "look"})

    run(scenario())
    assert levels == heard


@pytest.mark.parametrize(
    ("asked", "heard"), [(None, []), ("debug", ["debug", "error"]), ("warning", ["error"])]
)
def test_stateless_clients_hear_the_levels_they_name_in_the_request(asked: Any, heard: list[str]) -> None:
    levels: list[str] = []

    async def hear(params: Any) -> None:
        levels.append(params.level)

    async def scenario() -> None:
        async with connected(STATELESS, logging_callback=hear, log_level=asked) as client:
            for level in ("debug", "error"):
                await client.call_tool("log", {"level": level, "message": "look"})

    run(scenario())
    assert levels == heard


def _chunks(data: bytes) -> Any:
    while data:
        (length,) = struct.unpack(">I", data[:4])
        kind, body, checksum = data[4:8], data[8 : 8 + length], data[8 + length : 12 + length]
        assert struct.unpack(">I", checksum) == (zlib.crc32(kind + body),)
        yield kind, body
        data = data[12 + length :]


def _set_level(level: Any) -> SetLevelRequest:
    return SetLevelRequest(params=SetLevelRequestParams(level=level))
