"""Annotations of GitHub: lines of a log that its runner shows beside the code they are about."""

from __future__ import annotations

from collections.abc import Mapping


def annotation(kind: str, about: Mapping[str, str], text: str) -> str:
    """`kind` is `error`, `warning` or `notice`; `about` says where, and under which title."""
    properties = ",".join(f"{name}={_property(value)}" for name, value in about.items())
    return f"::{kind} {properties}::{_data(text)}"


def _data(text: str) -> str:
    """What GitHub's runner would read as an end of the command is written in its own escapes."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
