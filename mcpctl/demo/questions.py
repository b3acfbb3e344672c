"""Tools that ask the client: a form, a URL, a model's answer, its roots.

The SDK sends a live request in the handshake era and an input-required round in the stateless one.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from mcp.server.mcpserver import (
    AcceptedElicitation,
    Context,
    Elicit,
    ElicitationResult,
    ListRoots,
    Resolve,
    Sample,
)
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import (
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestURLParams,
    ElicitResult,
    InputRequiredResult,
    ListRootsResult,
    SamplingMessage,
    TextContent,
)
from mcp_types.version import is_version_at_least
from pydantic import BaseModel, Field

STATELESS_SINCE = "2026-07-28"

VISIT_URL = "https://example.com/mcpctl-demo"


def _titled_size(schema: dict[str, Any]) -> None:
    """One of several, each with a title: the protocol's own way, which pydantic has no word for."""
    del schema["enum"]
    schema["oneOf"] = [{"const": "s", "title": "Small"}, {"const": "m", "title": "Medium"}]


def _titled_days(schema: dict[str, Any]) -> None:
    schema["items"] = {"anyOf": [{"const": "sat", "title": "Saturday"}, {"const": "sun", "title": "Sunday"}]}


class Profile(BaseModel):
    """One field of every kind that a form may have."""

    name: str = Field(title="Name", description="What to call you", min_length=1, max_length=40)
    email: str | None = Field(None, title="E-mail", json_schema_extra={"format": "email"})
    homepage: str | None = Field(None, title="Home page", json_schema_extra={"format": "uri"})
    born: str | None = Field(None, title="Born on", json_schema_extra={"format": "date"})
    woken: str | None = Field(None, title="Woken at", json_schema_extra={"format": "date-time"})
    age: int = Field(30, title="Age", ge=0, le=150)
    height: float = Field(1.7, title="Height", description="Metres", gt=0, lt=3)
    newsletter: bool = Field(default=False, title="Send me news")
    colour: Literal["red", "green", "blue"] = Field("green", title="Favourite colour")
    size: Literal["s", "m"] = Field("m", title="Size", json_schema_extra=_titled_size)
    toppings: list[Literal["cheese", "olives"]] = Field(["cheese"], title="Toppings", max_length=2)
    days: list[Literal["sat", "sun"]] = Field([], title="Days off", json_schema_extra=_titled_days)


class Dish(BaseModel):
    dish: Literal["soup", "pie"] = Field("soup", title="Dish")


class Confirmation(BaseModel):
    sure: bool = Field(default=True, title="Sure?")


async def _profile(topic: str) -> Elicit[Profile]:
    return Elicit(f"Please tell us about {topic}", Profile)


async def ask(
    profile: Annotated[ElicitationResult[Profile], Resolve(_profile)],
    topic: Annotated[str, Field(description="What the form is about")] = "yourself",
) -> dict[str, Any]:
    """Ask the user to fill a form with a field of every kind."""
    del topic
    answer = profile.data.model_dump() if isinstance(profile, AcceptedElicitation) else None
    return {"action": profile.action, "profile": answer}


async def _dish() -> Elicit[Dish]:
    return Elicit("What would you like?", Dish)


async def _confirmation(chosen: Annotated[Dish, Resolve(_dish)]) -> Elicit[Confirmation]:
    return Elicit(f"One {chosen.dish}, are you sure?", Confirmation)


async def order(
    chosen: Annotated[Dish, Resolve(_dish)],
    confirmation: Annotated[Confirmation, Resolve(_confirmation)],
) -> str:
    """Ask two questions, the second of which depends on the first answer."""
    return f"one {chosen.dish}" if confirmation.sure else "nothing ordered"


async def visit(ctx: Context[Any, Any]) -> str | InputRequiredResult:
    """Ask the user to open a URL, as a login outside of the protocol does."""
    if is_version_at_least(ctx.protocol_version or "", STATELESS_SINCE):
        answer = (ctx.input_responses or {}).get("visit")
        if not isinstance(answer, ElicitResult):
            params = ElicitRequestURLParams(message="Please open this page", url=VISIT_URL)
            return InputRequiredResult(input_requests={"visit": ElicitRequest(params=params)})
        return f"visit: {answer.action}"
    offered = ctx.client_capabilities and ctx.client_capabilities.elicitation
    if not offered or offered.url is None:
        raise ToolError("the client does not offer to open URLs")
    outcome = await ctx.elicit_url("Please open this page", VISIT_URL, elicitation_id=ctx.request_id)
    return f"visit: {outcome.action}"


async def _completion(prompt: str) -> Sample:
    message = SamplingMessage(role="user", content=TextContent(type="text", text=prompt))
    return Sample([message], max_tokens=200, system_prompt="Answer in one sentence.")


async def sample(
    prompt: Annotated[str, Field(description="What to ask the model")],
    completion: Annotated[CreateMessageResult, Resolve(_completion)],
) -> str:
    """Ask the client's model for a completion."""
    del prompt
    content = completion.content
    said = content.text if isinstance(content, TextContent) else f"[{content.type}]"
    return f"{completion.model}: {said}"


async def _roots() -> ListRoots:
    return ListRoots()


async def roots(listed: Annotated[ListRootsResult, Resolve(_roots)]) -> str:
    """List the folders that the client lets servers see."""
    return "\n".join(f"{root.uri} {root.name or ''}".rstrip() for root in listed.roots) or "no roots"
