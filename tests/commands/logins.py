"""People who log in, for the tests of this folder: one who carries addresses by hand, one whose browser comes back."""

from __future__ import annotations

import io
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mcpctl.cli.entry import run
from mcpctl.model.world import World
from tests.commands.places import Answer
from tests.support import world

PATIENCE = 60.0


class Carrier(io.BytesIO):
    """A stdin whose line is written when it is read: the address that the page on stdout leads to."""

    def __init__(self, outside: World, change: Callable[[str], str] = lambda address: address) -> None:
        super().__init__()
        self.outside = outside
        self.change = change

    def readline(self, size: int | None = -1, /) -> bytes:
        del size
        shown = self.outside.stdout.getvalue().decode().splitlines()  # type: ignore[attr-defined]
        page = json.loads(shown[-1])["url"] if shown[-1].endswith("}") else shown[-1]
        return f"{self.change(redirected(page))}\n".encode()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *words: Any) -> None:
        """The address is what is wanted, not what is there."""


def redirected(page: str) -> str:
    try:
        urllib.request.build_opener(_Stay).open(page, timeout=PATIENCE)
    except urllib.error.HTTPError as answer:
        with answer:
            return str(answer.headers["location"])
    return ""


def configured(tmp_path: Path, url: str, *lines: str, oauth: Mapping[str, object] | None = None) -> None:
    text = [f"[servers.it]\nurl = {json.dumps(url)}", *lines]
    if oauth is not None:
        text += ["[servers.it.oauth]", *(f"{key} = {json.dumps(value)}" for key, value in oauth.items())]
    (tmp_path / "mcpctl.toml").write_text("\n".join([*text, ""]))


def log_in(
    tmp_path: Path, *argv: str, change: Callable[[str], str] = lambda address: address, server: str = "it"
) -> Answer:
    """`mcpctl login it --headless`, and the address carried back."""
    outside = world(tmp_path)
    outside = replace(outside, stdin=Carrier(outside, change))
    return _answer(run(["login", server, "--headless", *argv], outside), outside)


def _open(page: str) -> None:
    with urllib.request.urlopen(page, timeout=PATIENCE) as answer:
        answer.read()


def log_in_here(tmp_path: Path, *argv: str, browse: Callable[[str], None] = _open) -> Answer:
    """`mcpctl login it`, with a browser on this machine that opens what is shown on stderr."""
    outside = world(tmp_path)
    browser = threading.Thread(target=_browse, args=(outside, browse), daemon=True)
    browser.start()
    code = run(["login", "it", *argv], outside)
    browser.join(PATIENCE)
    return _answer(code, outside)


def _browse(outside: World, browse: Callable[[str], None]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        lines = outside.stderr.getvalue().decode().splitlines()  # type: ignore[attr-defined]
        page = next((line for line in lines if line.startswith("http")), None)
        if page is not None:
            browse(page)
            return
        time.sleep(0.01)  # somebody who looks at the screen


def _answer(code: int, outside: World) -> Answer:
    out, err = (stream.getvalue().decode() for stream in (outside.stdout, outside.stderr))  # type: ignore[attr-defined]
    return Answer(code, out, err)


def token_files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "home/.local/state/mcpctl/tokens").glob("*.json"))


def told(tmp_path: Path) -> dict[str, Any]:
    (file,) = token_files(tmp_path)
    value: dict[str, Any] = json.loads(file.read_text())
    return value


def rewrite(tmp_path: Path, **grant: Any) -> None:
    """Change what is kept of the tokens."""
    (file,) = token_files(tmp_path)
    kept = json.loads(file.read_text())
    kept["grant"].update(grant)
    file.write_text(json.dumps(kept))
