"""Tells credentials from ordinary texts: by the shape that issuers give them, or by the key they stand under.

What is found here is never shown: `mask` is the only way a quoted line leaves this room.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

from mcpctl.config.secrecy import SHORTEST, is_secret_name
from mcpctl.lint.placeholders import is_placeholder
from mcpctl.model.token_shapes import PRIVATE_KEY
from mcpctl.model.token_shapes import TOKEN_SHAPES as OF_ISSUERS

TOKEN_SHAPES = (*(shape.expression for shape in OF_ISSUERS), PRIVATE_KEY)
"""What issuers documented as the form of their tokens; each costs nothing until a text looks like one."""

TOKEN_PREFIXES = (
    *(beginning.lower() for shape in OF_ISSUERS for beginning in shape.beginnings),
    "-----begin",
)
"""How every token of `TOKEN_SHAPES` begins: in lower case; a text without any of them needs no closer look."""

_NAMES_OF_SECRETS = tuple(
    f"_{words}"
    for words in """
    token accesstoken authtoken apitoken bottoken refreshtoken sessiontoken idtoken oauthtoken bearertoken githubtoken
    gitlabtoken servicetoken usertoken personaltoken pat jwt api_key apikey secret secret_key secretkey
    secret_access_key secretaccess_key secret_accesskey secretaccesskey clientsecret private_key privatekey access_key
    accesskey passwd password passphrase pwd credential credentials cookie authorization bearer service_role_key
    service_rolekey servicerole_key servicerolekey auth_key authkey signing_key signingkey encryption_key encryptionkey
    webhooksecret license_key licensekey
    """.split()
)
"""The last words of a name, with everything between words an underscore: no pattern, since compiling one takes longer
than most files."""

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


def token_in(text: str) -> str | None:
    """The part of a text that has the shape of a token, unless it is an example."""
    for match in token_pattern().finditer(text):
        if not is_placeholder(match.group()):
            return match.group()
    return None


@lru_cache(maxsize=1024)
def is_secret_key(key: str) -> bool:
    """Whether a variable, header or flag of this name is there to hold a credential."""
    words = key.lstrip("-")
    if not words.isupper() and not words.islower():
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", words)
    return f"_{words.lower().replace('-', '_').replace('.', '._')}".endswith(_NAMES_OF_SECRETS)


def secret_under(key: str, value: str, *, tokens: bool = True) -> str | None:
    """The credential that stands under a key: a known token, or an opaque text where the key asks for one.

    Without `tokens` the first of the two was ruled out already.
    """
    if tokens and (token := token_in(value)) is not None:
        return token
    if "${" in value or not is_secret_key(key):
        return None
    bare = value
    for scheme in ("Bearer ", "bearer ", "Basic ", "Token ", "token "):
        bare = bare.removeprefix(scheme)
    bare = bare.strip()
    password = "pass" in key.lower() or "pwd" in key.lower()
    if bare.lower() in _DEV_DEFAULTS or _is_reference(bare) or is_placeholder(bare):
        return None
    return bare if _is_opaque(bare, shortest=6 if password else 12) else None


def hidden_under(key: str, value: str) -> str | None:
    """What of a value is not for the eye: more than is called a credential, a mask in vain costs little."""
    found = secret_under(key, value)
    if key.endswith(("_env", "_env_var")) and value.isupper() and value.isidentifier():
        return found  # the name of a variable
    if found is None and is_secret_name(key) and len(value) >= SHORTEST and not _is_reference(value):
        found = None if is_placeholder(value) else value
    return found


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


_USERINFO = r"[a-zA-Z][a-zA-Z0-9+.\-]{0,30}://([^/\s:@\"']*):([^/\s@\"']+)@"
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


def secrets_in_arguments(arguments: Iterable[Any], *, tokens: bool = True) -> Iterator[tuple[int, str]]:
    """Position and text of every credential on a command line: `--token X`, `--token=X`, `-H "Authorization: …"`."""
    flag = ""
    for index, argument in enumerate(arguments):
        if not isinstance(argument, str):
            flag = ""
            continue
        found = secret_in_url(argument) if "://" in argument else None
        if found is None and tokens:
            found = token_in(argument)
        if found is None and (flag or ":" in argument or "=" in argument):
            found = _secret_in_argument(argument, flag)
        if found is not None:
            yield index, found
        flag = argument if argument[:1] == "-" and "=" not in argument else ""


def _secret_in_argument(argument: str, flag: str) -> str | None:
    """`--key=value` and `Key: value` bring their key along; a text behind a flag stands under the flag."""
    if flag and argument[:1] != "-" and is_secret_key(flag):
        return secret_under(flag, argument, tokens=False)
    for separator in ":", "=":
        key, _, value = argument.partition(separator)
        if value and is_secret_key(key.strip()):
            return secret_under(key.strip(), value.strip(), tokens=False)
    return None


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
        found = hidden_under(key, value)
        if found is not None:
            yield found
    found = secret_in_url(line)
    if found is not None:
        yield found


@lru_cache(maxsize=4)
def _found_on(line: str) -> tuple[str, ...]:
    """Every finding of a minified file is on the same line, and asks again."""
    return tuple(secrets_in_line(line))


def mask(text: str, known: Iterable[str] = ()) -> str:
    """The text with every credential starred out, at its own length so that carets still point right."""
    for secret in sorted({*known, *_found_on(text)}, key=len, reverse=True):
        if len(secret) >= 4:
            text = text.replace(secret, "*" * len(secret))
    return text
