"""Tells credentials from ordinary texts: by the shape that issuers give them, or by the key they stand under.

What is found here is never shown: `mask` is the only way a quoted line leaves this room.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from mcpctl.lint.placeholders import is_placeholder

TOKEN_SHAPES = (
    r"gh[pousr]_[A-Za-z0-9]{20,}",
    r"github_pat_[A-Za-z0-9_]{20,}",
    r"glpat-[A-Za-z0-9_\-]{16,}",
    r"sk-(?:ant-|proj-|or-|lf-)?[A-Za-z0-9_\-]{20,}",
    r"[spr]k_(?:live|test)_[A-Za-z0-9]{16,}",
    r"xox[abeoprs]-[A-Za-z0-9\-]{10,}",
    r"(?:AKIA|ASIA)[0-9A-Z]{16}",
    r"AIza[0-9A-Za-z_\-]{30,}",
    r"sbp_[0-9a-z]{30,}",
    r"npm_[A-Za-z0-9]{30,}",
    r"pypi-[A-Za-z0-9_\-]{30,}",
    r"hf_[A-Za-z]{20,}",
    r"fig[duo]_[A-Za-z0-9_\-]{20,}",
    r"tvly-[A-Za-z0-9_\-]{16,}",
    r"fc-[0-9a-f]{24,}",
    r"lin_api_[A-Za-z0-9]{20,}",
    r"ntn_[A-Za-z0-9]{30,}",
    r"ctx7sk-[A-Za-z0-9\-]{16,}",
    r"gsk_[A-Za-z0-9]{20,}",
    r"xai-[A-Za-z0-9]{20,}",
    r"pplx-[A-Za-z0-9]{20,}",
    r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{20,}",
    r"dop_v1_[0-9a-f]{30,}",
    r"SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}",
    r"ATATT[A-Za-z0-9_\-=]{20,}",
    r"apify_api_[A-Za-z0-9]{20,}",
    r"tskey-[A-Za-z0-9\-]{20,}",
    r"whsec_[A-Za-z0-9+/=]{16,}",
    r"eyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
)
"""What issuers documented as the form of their tokens; each costs nothing until a text looks like one."""

MENTIONS = (
    "token", "secret", "passw", "api_key", "apikey", "api-key", "access_key", "private_key", "auth", "bearer",
    "credential", "cookie", 'pat"', "_pat", "key", "gh", "glpat-", "sk-", "k_live", "k_test", "xox", "akia", "asia",
    "aiza", "sbp_", "npm_", "pypi-", "hf_", "fig", "tvly-", "fc-", "lin_api", "ntn_", "ctx7sk", "gsk_", "xai-",
    "pplx-", "shp", "dop_v1", "sg.", "atatt", "apify", "tskey", "whsec", "eyj", "-----begin",
)  # fmt: skip
"""A text without any of these (in lower case) holds nothing that this module would call a credential."""

_NAMES_OF_SECRETS = (
    r"(?:^|[_\-.])(?:(?:access|auth|api|bot|refresh|session|id|oauth|bearer|github|gitlab|service|user|personal)?[_\-]?token"
    r"|pat|jwt|api[_\-]?key|apikey|secret(?:[_\-]?(?:access[_\-]?)?key)?|client[_\-]?secret|private[_\-]?key|access[_\-]?key"
    r"|passw(?:or)?d|passphrase|pwd|credentials?|cookie|authorization|bearer|service[_\-]?role[_\-]?key"
    r"|auth[_\-]?key|signing[_\-]?key|encryption[_\-]?key|webhook[_\-]?secret|license[_\-]?key)$"
)

_DEV_DEFAULTS = frozenset(
    {
        "postgres",
        "password",
        "root",
        "admin",
        "secret",
        "test",
        "guest",
        "neo4j",
        "minio",
        "minioadmin",
        "mysql",
        "changeit",
        "pass",
        "pwd",
        "passwd",
    }
)
"""Passwords of a database on one's own machine: bad taste, but nothing that leaks."""


@cache
def token_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{'|'.join(TOKEN_SHAPES)})")


@cache
def _secret_key_pattern() -> re.Pattern[str]:
    return re.compile(_NAMES_OF_SECRETS, re.IGNORECASE)


def token_in(text: str) -> str | None:
    """The part of a text that has the shape of a token, unless it is an example."""
    for match in token_pattern().finditer(text):
        if not is_placeholder(match.group()):
            return match.group()
    return None


def is_secret_key(key: str) -> bool:
    """Whether a variable, header or flag of this name is there to hold a credential."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key.lstrip("-"))
    return _secret_key_pattern().search(spaced) is not None


def secret_under(key: str, value: str) -> str | None:
    """The credential that stands under a key: a known token, or an opaque text where the key asks for one."""
    token = token_in(value)
    if token is not None:
        return token
    if not is_secret_key(key):
        return None
    bare = value
    for scheme in ("Bearer ", "bearer ", "Basic ", "Token ", "token "):
        bare = bare.removeprefix(scheme)
    bare = bare.strip()
    password = "pass" in key.lower() or "pwd" in key.lower()
    if bare.lower() in _DEV_DEFAULTS or is_placeholder(bare) or _is_reference(bare):
        return None
    return bare if _is_opaque(bare, shortest=6 if password else 12) else None


def _is_reference(text: str) -> bool:
    """A variable, a path or an address stands in for a credential; it is none."""
    return text.startswith(("$", "{", "%", "/", "./", "~", "<", "env:")) or "${" in text or "://" in text


def _is_opaque(text: str, *, shortest: int) -> bool:
    if len(text) < shortest or " " in text or text.lower() in {"true", "false", "null", "none"}:
        return False
    if shortest <= 6:
        return True
    return entropy(text) >= 2.8 and any(c.isdigit() for c in text)


def entropy(text: str) -> float:
    """Bits per character: words stay under 2.8 at this length, random tokens above."""
    total = len(text)
    counts = (text.count(character) for character in set(text))
    return -sum(n / total * math.log2(n / total) for n in counts)


_USERINFO = r"[a-zA-Z][a-zA-Z0-9+.\-]*://([^/\s:@\"']*):([^/\s@\"']+)@"
_QUERY = r"[?&](?:[A-Za-z_\-]*(?:token|api[_\-]?key|apikey|secret|password|access[_\-]?key|auth|sig|signature)|key)=([^&\s\"'#]+)"


@cache
def _url_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(_USERINFO), re.compile(_QUERY, re.IGNORECASE)


def secret_in_url(text: str) -> str | None:
    """The password or token that an address carries in the open."""
    if "://" not in text:
        return None
    userinfo, query = _url_patterns()
    for match in userinfo.finditer(text):
        if _counts(match.group(2), shortest=1):
            return match.group(2)
    for match in query.finditer(text):
        if _counts(match.group(1), shortest=8):
            return match.group(1)
    return None


def _counts(value: str, *, shortest: int) -> bool:
    lowered = value.lower()
    if lowered in _DEV_DEFAULTS or is_placeholder(value) or _is_reference(value) or value.startswith("["):
        return False
    return len(value) >= shortest


_FLAG = r"^--?([A-Za-z][\w\-]*)(?:=(.*))?$"


def secrets_in_arguments(arguments: Iterable[Any]) -> Iterator[tuple[int, str]]:
    """Position and text of every credential on a command line: `--token X`, `--token=X`, `-H "Authorization: …"`."""
    flag = ""
    for index, argument in enumerate(arguments):
        if not isinstance(argument, str):
            flag = ""
            continue
        match = re.match(_FLAG, argument, re.DOTALL)
        found = secret_in_url(argument) or token_in(argument)
        if found is None and match and match.group(2):
            found = secret_under(match.group(1), match.group(2))
        if found is None and flag and not match:
            found = secret_under(flag, argument)
        if found is None and (":" in argument or "=" in argument) and not argument.startswith("-"):
            key, _, value = (
                argument.replace("=", ":", 1).partition(":")
                if ":" not in argument
                else argument.partition(":")
            )
            found = (
                secret_under(key.strip(), value.strip())
                if key.strip().replace("-", "").replace("_", "").isalnum()
                else None
            )
        if found is not None:
            yield index, found
        flag = match.group(1) if match and match.group(2) is None else ""


_PAIR = r"""(["']?)([A-Za-z][\w.\-]*)\1\s*[:=]\s*(["'])((?:\\.|(?!\3)[^\\\n])*)\3"""
"""A key and its quoted value on one line, in JSON, TOML or YAML, whole or broken."""

_LOOSE_PAIR = r"""^\s*-?\s*["']?([A-Za-z][\w.\-]*)["']?\s*[:=]\s*([^\s"',{}\[\]#][^\s,#]*)"""
"""The same without quotes: YAML."""


@cache
def _pair_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(_PAIR), re.compile(_LOOSE_PAIR)


def secrets_in_line(line: str) -> Iterator[str]:
    """Whatever on a line of a file looks like a credential, also where the file does not parse."""
    for match in token_pattern().finditer(line):
        yield match.group()
    quoted, loose = _pair_patterns()
    pairs = [(m.group(2), m.group(4)) for m in quoted.finditer(line)]
    pairs.extend((m.group(1), m.group(2)) for m in loose.finditer(line))
    for key, value in pairs:
        found = secret_under(key, value)
        if found is not None:
            yield found
    found = secret_in_url(line)
    if found is not None:
        yield found


def mask(text: str, known: Iterable[str] = ()) -> str:
    """The text with every credential starred out, at its own length so that carets still point right."""
    for secret in sorted({*known, *secrets_in_line(text)}, key=len, reverse=True):
        if len(secret) >= 4:
            text = text.replace(secret, "*" * len(secret))
    return text
