"""Content blocks of a result as one text, and their binary parts as files."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from errno import EACCES
from pathlib import Path
from typing import Any

from mcpctl.errors import ProtocolError, UsageError
from mcpctl.model.protocol import JsonObject, ToolResult

_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/svg+xml": ".svg",
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "application/pdf": ".pdf",
    "application/json": ".json",
    "text/plain": ".txt",
    "text/html": ".html",
}


def result_text(result: ToolResult, saved: Sequence[str | None], *, pretty: bool) -> str | bytes:
    """The text blocks as they are, others by name; structured content where it says all that the text says."""
    if result.has_structured and _repeats(result):
        return json_text(result.structured, pretty=pretty)
    return blocks_text(result.content, saved)


def blocks_text(blocks: Sequence[JsonObject], saved: Sequence[str | None]) -> str | bytes:
    """Blocks are parted by an empty line; one block alone stays untouched. One of UTF-8 makes all of them UTF-8."""
    parts = [block_text(block, saved[at] if at < len(saved) else None) for at, block in enumerate(blocks)]
    if len(parts) == 1:
        return parts[0]
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) == len(parts):
        return "\n\n".join(text.rstrip("\n") for text in texts)
    from mcpctl.policy.longtext import as_utf8

    return b"\n\n".join(as_utf8(part).rstrip(b"\n") for part in parts)


def block_text(block: JsonObject, saved: str | None = None) -> str | bytes:
    kind = block["type"]
    if kind == "text":
        text: str | bytes = block["text"]
        return text
    if kind == "resource":
        contents = _mapping(block.get("resource"))
        long = contents.get("text")
        return long if isinstance(long, bytes) and saved is None else resource_text(contents, saved)
    if kind == "resource_link":
        return _named("link", block.get("mimeType"), str(block.get("uri") or block.get("name") or "?"), None)
    size = _size(block.get("data"))
    return _named(kind, block.get("mimeType"), size, saved)


def resource_text(contents: JsonObject, saved: str | None = None) -> str:
    text = contents.get("text")
    if isinstance(text, str) and saved is None:
        return text
    return _named(
        f"resource {contents.get('uri', '?')}", contents.get("mimeType"), _size(contents.get("blob")), saved
    )


def json_text(value: Any, *, pretty: bool) -> str:
    if pretty:
        return json.dumps(value, ensure_ascii=False, indent=2)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def save_blocks(
    blocks: Sequence[JsonObject], folder: str, cwd: Path, *, texts: bool = False
) -> list[str | None]:
    """Write every binary block into `folder`; the path of each block's file, or None where it has none."""
    target = folder_to_save_in(folder, cwd)
    try:
        return [_save(block, target, index, texts=texts) for index, block in enumerate(blocks, 1)]
    except OSError as error:
        raise _unwritable(folder, error) from error


def folder_to_save_in(folder: str, cwd: Path) -> Path:
    """Made where it is not there. Whoever is going to ask a server makes sure of it before."""
    target = cwd / folder
    try:
        target.mkdir(parents=True, exist_ok=True)
        if not os.access(target, os.W_OK | os.X_OK):
            raise PermissionError(EACCES, os.strerror(EACCES))
    except OSError as error:
        raise _unwritable(folder, error) from error
    return target


def _unwritable(folder: str, error: OSError) -> UsageError:
    return UsageError(
        f"cannot save to `{folder}`: {(error.strerror or str(error)).lower()}",
        code="usage.save",
        hint="name a folder that can be written with `--save DIR`",
    )


def pick(value: Any, path: str) -> Any:
    """One value by JSON Pointer (`/items/0/name`) or dotted path (`items.0.name`)."""
    pointer = path.startswith("/")
    steps = path[1:].split("/") if pointer else [step for step in path.split(".") if step]
    for step in steps:
        name = step.replace("~1", "/").replace("~0", "~") if pointer else step
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.lstrip("-").isdigit() and -len(value) <= int(name) < len(value):
            value = value[int(name)]
        else:
            raise UsageError(
                f"the result has no `{path}`: nothing at `{step}`", code="usage.field", hint=_offer(value)
            )
    return value


def picked_from(result: ToolResult, path: str) -> Any:
    """`--field`: from the structured content, else from a text that is JSON."""
    if result.has_structured:
        return pick(result.structured, path)
    from mcpctl.policy.longtext import as_text

    text = "".join(as_text(block["text"]) for block in result.content if block["type"] == "text")
    try:
        return pick(json.loads(text), path)
    except ValueError as error:
        raise UsageError(
            "`--field` needs structured content or a text that is JSON",
            code="usage.field",
            hint="leave `--field` out to see the text",
        ) from error


def _offer(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "there is " + ", ".join(f"`{key}`" for key in list(value)[:8])
            if value
            else "it is an empty object"
        )
    return f"it is a list of {len(value)}" if isinstance(value, list) else "it is a single value"


def _repeats(result: ToolResult) -> bool:
    """Whether the text is the structured content once more, as the protocol asks of servers."""
    if not result.content:
        return True
    if (
        len(result.content) != 1
        or result.content[0]["type"] != "text"
        or not isinstance(result.structured, dict)
    ):
        return False
    text: str | bytes = result.content[0]["text"]
    if text[:1] not in ("{", b"{"):
        return False
    try:
        return bool(json.loads(text) == result.structured)
    except (ValueError, RecursionError):
        return False


def _save(block: JsonObject, folder: Path, index: int, *, texts: bool) -> str | None:
    holder = _mapping(block.get("resource")) if block.get("type") == "resource" else block
    encoded = holder.get("data", holder.get("blob"))
    ending = _ENDINGS.get(str(holder.get("mimeType") or "").partition(";")[0], ".bin")
    if isinstance(encoded, str):
        data = _decoded(encoded)
    elif texts and isinstance(holder.get("text"), str):
        data, ending = holder["text"].encode(), ending if ending != ".bin" else ".txt"
    else:
        return None
    path = _free_name(folder, f"{index}-{block.get('type', 'resource')}", ending)
    path.write_bytes(data)
    return str(path)


def _free_name(folder: Path, stem: str, ending: str) -> Path:
    """Nothing that exists is overwritten; the name never comes from the server."""
    safe = "".join(character if character.isalnum() or character == "-" else "-" for character in stem)
    path = folder / f"{safe}{ending}"
    number = 2
    while path.exists():
        path = folder / f"{safe}-{number}{ending}"
        number += 1
    return path


def _decoded(encoded: str) -> bytes:
    from base64 import b64decode

    try:
        return b64decode(encoded, validate=True)
    except ValueError as error:
        raise ProtocolError(f"a block's data is not base64: {error}", code="protocol.malformed") from error


def _named(kind: str, mime: Any, about: str | None, saved: str | None) -> str:
    parts = [kind, *(str(each) for each in (mime, about) if each)]
    return f"[{', '.join(parts)}{f', saved to {saved}' if saved else ''}]"


def _size(encoded: Any) -> str | None:
    if not isinstance(encoded, str):
        return None
    count = len(encoded) * 3 // 4 - encoded[-2:].count("=")
    return f"{count} bytes" if count < 1024 else f"{count / 1024:.1f} KiB"


def _mapping(value: Any) -> JsonObject:
    return value if isinstance(value, dict) else {}
