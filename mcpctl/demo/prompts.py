"""Two prompts, and what their arguments and the template's variable may be completed to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from mcp.server.mcpserver import AssistantMessage, MCPServer, Message, UserMessage
from mcp_types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)
from pydantic import Field

from mcpctl.demo.resources import GREETING_TEMPLATE, NAMES

TONES = {
    "English": ("casual", "formal", "poetic"),
    "French": ("familier", "soutenu"),
    "Finnish": ("muodollinen", "rento"),
}
"""Language -> its tones: the second argument completes by what the first one is."""

MOST_VALUES = 100
"""What the protocol allows in one completion."""


def register(server: MCPServer) -> None:
    server.prompt(title="Introduce yourself")(introduce)
    server.prompt(title="Translate a text")(translate)
    server.completion()(complete)  # type: ignore[no-untyped-call]  # the SDK left its types out


def introduce() -> list[Message]:
    """Open a conversation about this server."""
    return [
        UserMessage("Who are you?"),
        AssistantMessage("I am the demo server of mcpctl. Try my tools."),
    ]


def translate(
    text: Annotated[str, Field(description="What to translate")],
    language: Annotated[str, Field(description="Into which language")] = "English",
    tone: Annotated[str, Field(description="How it should sound")] = "casual",
) -> str:
    """Ask for a translation."""
    return f"Translate into {language}, in a {tone} tone:\n\n{text}"


async def complete(
    reference: PromptReference | ResourceTemplateReference,
    argument: CompletionArgument,
    context: CompletionContext | None,
) -> Completion:
    known = dict((context.arguments if context else None) or {})
    candidates = _candidates(reference, argument.name, known)
    matching = [value for value in candidates if value.lower().startswith(argument.value.lower())]
    return Completion(
        values=matching[:MOST_VALUES], total=len(matching), has_more=len(matching) > MOST_VALUES
    )


def _candidates(
    reference: PromptReference | ResourceTemplateReference, argument: str, known: dict[str, str]
) -> Sequence[str]:
    if isinstance(reference, ResourceTemplateReference):
        return NAMES if (reference.uri, argument) == (GREETING_TEMPLATE, "name") else ()
    if (reference.name, argument) == ("translate", "language"):
        return tuple(TONES)
    if (reference.name, argument) == ("translate", "tone"):
        return TONES.get(known.get("language", "English"), ())
    return ()
