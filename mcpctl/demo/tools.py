"""Tools that answer by themselves: text, numbers, time, failure, size and every kind of content."""

from __future__ import annotations

from typing import Annotated, Any

import anyio
from mcp.server.mcpserver import Audio, Context, Image
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import (
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ResourceLink,
    TextContent,
    TextResourceContents,
)
from pydantic import BaseModel, Field

from mcpctl.demo.picture import png, wav

MOST_TEXT = 64 << 20
"""Bytes of one text: beyond the message cap of any client, short of hurting this machine."""

WORDS = "the quick brown fox jumps over the lazy dog and runs on to the end of the line "


class Position(BaseModel):
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class Station(BaseModel):
    name: str
    position: Position
    sensors: list[str]
    online: bool
    celsius: float | None = Field(description="Nothing while the station is offline")


def echo(text: Annotated[str, Field(description="What to say back")]) -> str:
    """Say the text back, unchanged."""
    return text


def add(
    a: Annotated[int, Field(description="The first number")],
    b: Annotated[int, Field(description="The second number")],
) -> int:
    """Add two whole numbers."""
    return a + b


async def slow(
    ctx: Context[Any, Any],
    seconds: Annotated[float, Field(ge=0, le=300, description="How long to take")] = 1.0,
) -> str:
    """Take a while, report progress ten times, and stop at once when cancelled."""
    for step in range(10):
        await ctx.report_progress(seconds * step / 10, seconds)
        await anyio.sleep(seconds / 10)
    await ctx.report_progress(seconds, seconds)
    return f"took {seconds:g} s"


async def progress(
    ctx: Context[Any, Any],
    steps: Annotated[int, Field(ge=1, le=10_000, description="How many reports to send")] = 5,
) -> str:
    """Send progress reports, each with a message, as fast as possible."""
    for step in range(1, steps + 1):
        await ctx.report_progress(step, steps, f"step {step} of {steps}")
    return f"{steps} steps"


def fail(
    message: Annotated[str, Field(description="What to complain about")] = "failed as asked",
) -> CallToolResult:
    """Answer with an error, as a tool does that could not do its job."""
    return CallToolResult(content=[TextContent(type="text", text=message)], is_error=True)


def big(
    lines: Annotated[int, Field(ge=0, le=1_000_000, description="How many lines")] = 1000,
    width: Annotated[int, Field(ge=0, le=100_000, description="Characters of each line, at least")] = 60,
) -> str:
    """Answer with many numbered lines of text, the same ones each time."""
    if lines * width > MOST_TEXT:
        raise ToolError(
            f"{lines} lines of {width} characters are more than {MOST_TEXT >> 20} MiB: ask for less"
        )
    filling = WORDS * (width // len(WORDS) + 1)
    return "\n".join(f"line {number}: {filling}"[: max(width, 12)] for number in range(1, lines + 1))


def image(size: Annotated[int, Field(ge=1, le=512, description="Pixels of each side")] = 32) -> Image:
    """Answer with a small PNG."""
    return Image(data=png(size), format="png")


def structured(name: Annotated[str, Field(description="Name of the station")] = "north") -> Station:
    """Answer with a nested object that keeps to its output schema."""
    return Station(
        name=name,
        position=Position(latitude=68.35, longitude=18.82),
        sensors=["thermometer", "barometer"],
        online=True,
        celsius=-3.5,
    )


def mixed() -> list[ContentBlock]:
    """Answer with one block of each kind: text, picture, sound, link, text resource."""
    return [
        TextContent(type="text", text="five blocks, of which this is the first"),
        Image(data=png(8), format="png").to_image_content(),
        Audio(data=wav(), format="wav").to_audio_content(),
        ResourceLink(type="resource_link", uri="demo://logo.png", name="logo", mime_type="image/png"),
        EmbeddedResource(
            type="resource",
            resource=TextResourceContents(
                uri="demo://note", mime_type="text/plain", text="a note inside a result"
            ),
        ),
    ]
