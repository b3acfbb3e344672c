"""What is probably a secret, by the name it goes under or the way it looks; and how it is shown instead.

A guess in the careful direction: something masked in vain costs a look into the file, the other mistake a token.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MASK = "***"
"""Shorter than any secret that is blotted out, so that putting it in always shortens the text."""

SHORTEST = 6
"""Shorter values cannot be blotted out of a text without blotting out half of it."""

_WORDS = frozenset(
    {
        "apikey",
        "auth",
        "authorization",
        "bearer",
        "cookie",
        "credential",
        "credentials",
        "dsn",
        "jwt",
        "key",
        "passphrase",
        "passwd",
        "password",
        "pat",
        "pwd",
        "secret",
        "secrets",
        "session",
        "signature",
        "token",
    }
)
_INNOCENT = frozenset(
    {
        "public",
        "primary",
        "foreign",
        "sort",
        "partition",
        "cache",
        "file",
        "path",
        "url",
        "uri",
        "name",
        "id",
        "type",
        "env",
    }
)
"""Words beside which `key` and the like mean something else: `PUBLIC_KEY`, `TOKEN_URL`, `SSH_KEY_FILE`."""

_ENDINGS = ("apikey", "bearer", "passphrase", "passwd", "password", "secret", "token")
"""Words that are plain enough to be glued to others: `PGPASSWORD`, `GITHUBTOKEN`."""

_PREFIXES = (
    "sk-", "sk_live_", "sk_test_", "pk_live_", "pk_test_", "rk_live_", "rk_test_", "ghp_", "gho_", "ghr_", "ghs_", "ghu_",
    "github_pat_", "glpat-", "xox", "xapp-", "AKIA", "ASIA", "AIza", "ya29.", "eyJ", "sbp_", "npm_", "pypi-", "hf_",
    "figd_", "figu_", "figo_", "tvly-", "fc-", "lin_api_", "ntn_", "ctx7sk-", "gsk_", "xai-", "pplx-", "shpat_", "shpca_",
    "shppa_", "shpss_", "dop_v1_", "SG.", "ATATT", "apify_api_", "tskey-", "whsec_",
)  # fmt: skip
"""How the tokens of well-known issuers begin; a test holds this against `TOKEN_SHAPES`, which take longer to load."""

_KEY_FILE = "-----BEGIN"
"""A key or a certificate; the first is a secret, and the second nothing that anybody wants to read."""

_LONG_ENOUGH = 15
"""A token with a known beginning is longer than a word that merely begins so."""

_PLAIN_HEADERS = frozenset(
    {"accept", "accept-encoding", "accept-language", "cache-control", "content-type", "user-agent"}
)
AUTH_SCHEMES = frozenset({"bearer", "basic", "token", "digest", "apikey"})


def is_secret_name(name: str) -> bool:
    """Whether the value of a variable, a header, a parameter or an option of this name is probably a secret."""
    words = list(_split(name))
    if "".join(words[-2:]) in _WORDS or any(word.endswith(_ENDINGS) for word in words[-1:]):
        return True
    return not _WORDS.isdisjoint(words) and words[-1] not in _INNOCENT and "public" not in words


def is_secret_header(name: str) -> bool:
    return name.lower() not in _PLAIN_HEADERS


def looks_like_token(value: str) -> bool:
    return len(value) >= _LONG_ENOUGH and value.startswith(_PREFIXES)


def holds_key_file(value: str) -> bool:
    return _KEY_FILE in value


def _split(name: str) -> Iterator[str]:
    """The words of `API_KEY`, `api-key`, `apiKey` and `X-Api-Key`, in lower case."""
    word = ""
    for at, char in enumerate(name):
        begins = char.isupper() and at > 0 and name[at - 1].islower()
        if word and (begins or not char.isalnum()):
            yield word.lower()
            word = ""
        if char.isalnum():
            word += char
    if word:
        yield word.lower()


def secret_arguments(arguments: Sequence[str]) -> Iterator[str]:
    """Values of options whose names are those of secrets: `--token X`, `--api-key=X`."""
    for at, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if not name.startswith("-") or not is_secret_name(name.lstrip("-")):
            if equals and is_secret_name(name):
                yield value
            continue
        if equals:
            yield value
        elif at + 1 < len(arguments) and not arguments[at + 1].startswith("-"):
            yield arguments[at + 1]


def secrets_in_url(url: str) -> Iterator[str]:
    """A password before the host, and parameters whose names are those of secrets; as written and as meant."""
    from urllib.parse import unquote

    rest = url.partition("://")[2]
    credentials, at, _ = rest.partition("/")[0].rpartition("@")
    password = credentials.partition(":")[2] or credentials
    found = [password] if at else []
    for parameter in url.partition("#")[0].partition("?")[2].split("&"):
        name, _, value = parameter.partition("=")
        if is_secret_name(name):
            found.append(value)
    for value in found:
        yield value
        if "%" in value:
            yield unquote(value)
