"""How the result of a call is shown: its text and nothing else on stdout; a tool that says it failed, on stderr."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mcpctl.errors import ProtocolError
from mcpctl.model.asking import Truncated
from mcpctl.model.calls import CallReport, Question, RpcReport
from mcpctl.render.blocks import Block, Cell, Code, Line, Verbatim
from mcpctl.render.view import View


def call_data(report: CallReport) -> dict[str, Any]:
    return {
        "server": report.server,
        "tool": report.tool,
        "protocol_version": report.protocol_version,
        "is_error": report.is_error,
        "text": report.text,
        "content": list(report.content),
        "structured": report.structured,
        "truncated": truncated_data(report.truncated),
        "duration_ms": round(report.duration_ms, 3),
        "connect_ms": round(report.connect_ms, 3),
        "warm": report.warm,
        "cached": report.cached,
        "attempts": report.attempts,
        "served_by": report.served_by,
        "saved": list(report.saved),
        "schema_faults": list(report.schema_faults),
        "parked": None if report.parked is None else _question(report.parked),
    }


def _question(question: Question) -> dict[str, Any]:
    return {"id": question.id, **question.request}


def call_human(report: CallReport) -> Iterator[Block]:
    if report.parked is not None:
        from mcpctl.render.envelope import encode

        yield Verbatim(encode(_question(report.parked)).encode() + b"\n")
        return
    if report.raw is not None:
        yield Verbatim(report.raw)
        yield Verbatim("\n")
    elif not report.is_error:
        yield from text_blocks(report.text)


def call_talk(report: CallReport) -> Iterator[Block]:
    if report.is_error and report.raw is None:
        yield Line((Cell("error:", "bad"), f" tool `{report.tool}` of `{report.server}` reports a failure"))
        yield from _code(report.text)
    if report.exit_code == ProtocolError.exit_code:
        yield from _schema_faults(report, Cell("error:", "bad"))


def call_notes(report: CallReport) -> Iterator[Block]:
    if report.parked is not None:
        yield Line((Cell("note:", "warn"), " the call waits for an answer"))
        yield Line((Cell("  = ", "dim"), f"give it: `mcpctl answer {report.parked.id} JSON`"))
    if report.exit_code != ProtocolError.exit_code:
        yield from _schema_faults(report, Cell("note:", "warn"))
    yield from truncated_notes(report.truncated)
    if report.raw is None and not report.saved:
        yield from unsaved_notes(any(map(_is_media, report.content)))


def _is_media(block: Mapping[str, Any]) -> bool:
    resource = block.get("resource")
    return block.get("type") in {"image", "audio"} or (isinstance(resource, dict) and "blob" in resource)


def unsaved_notes(media: bool) -> Iterator[Block]:  # noqa: FBT001 - what is asked is the whole of it
    """What is no text is only named, on a pipe too: say how to get it."""
    if media:
        yield Line((Cell("note:", "dim"), " what is no text is only named"))
        yield Line((Cell("  = ", "dim"), "write it to files with `--save DIR`"))


def _schema_faults(report: CallReport, label: Cell) -> Iterator[Block]:
    for fault in report.schema_faults:
        yield Line((label, f" the result breaks the tool's own output schema: {fault}"))


def text_blocks(text: str | bytes) -> Iterator[Verbatim]:
    """The text as it is; a line end is added where a prompt would follow on the same line."""
    yield Verbatim(text)
    if text and text[-1:] not in ("\n", b"\n"):
        yield Verbatim("\n")  # not added to the text, which may be huge


def _code(text: str | bytes) -> Iterator[Code]:
    if isinstance(text, str):
        yield Code(text)
        return
    from mcpctl.policy.longtext import pieces

    for piece in pieces(text, split_lines=False):  # secrets are looked for in each, and found in whole lines
        yield Code(piece)


def truncated_data(truncated: Truncated | None) -> dict[str, Any] | None:
    if truncated is None:
        return None
    return {
        "lines": truncated.lines,
        "chars": truncated.chars,
        "total_lines": truncated.total_lines,
        "total_chars": truncated.total_chars,
        "file": truncated.file,
    }


def truncated_notes(truncated: Truncated | None) -> Iterator[Block]:
    if truncated is None:
        return
    yield Line((Cell("note:", "warn"), f" {truncated.note}"))
    if truncated.file is not None:
        yield Line((Cell("  = ", "dim"), f"the whole result is in {truncated.file}"))


def rpc_data(report: RpcReport) -> dict[str, Any]:
    from mcpctl.session.answers import decode

    return {
        "server": report.server,
        "method": report.method,
        "result": None if report.error is not None else decode(report.result),
        "error": report.error,
        "duration_ms": round(report.duration_ms, 3),
    }


def rpc_human(report: RpcReport) -> Iterator[Block]:
    if report.error is None:
        yield Verbatim(report.result)
        yield Verbatim("\n")


def rpc_talk(report: RpcReport) -> Iterator[Block]:
    if report.error is not None:
        code, message = report.error["code"], report.error["message"]
        yield Line((Cell("error:", "bad"), f" `{report.method}` was answered with error {code}: {message}"))


CALL = View(report=CallReport, data=call_data, human=call_human, talk=call_talk, notes=call_notes)
RPC = View(report=RpcReport, data=rpc_data, human=rpc_human, talk=rpc_talk)
