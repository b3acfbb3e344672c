"""The thin client: hands a command line and its own streams to a running supervisor, and gets an exit code back.

Imports nothing but what Python has loaded already and `_socket`: it is as fast as Python starts. Whatever it cannot
do, or may not, it leaves to the full program by answering None.
"""

import os
import sys

from mcpctl import __version__
from mcpctl.control.place import folder, name

TYPE_CHECKING = False  # `typing` and `__future__` would be files to load
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Mapping, Sequence

VERBS = frozenset(
    "answer cache call complete health inspect listen logs ls prompt prompts ps read reload resources restart rpc search stats stop tools".split()
)
"""What a supervisor answers."""

VALUED = frozenset(("--config", "--profile", "--input", "--format", "--timeout", "--trace", "--log-file"))
"""Global options that are followed by a value; a test compares them with the parser's."""

OWN = (
    "--cold",
    "--stdio",
    "--url",
    "--header",
    "--env",
    "--cwd",
    "--bearer-env",
    "--trace",
    "--log-file",
    "--input",
)
"""Options that want a process of their own: another server, or a look at every message."""

FACTS = (
    "TERM",
    "NO_COLOR",
    "FORCE_COLOR",
    "COLUMNS",
    "LINES",
    "HOME",
    "PATH",
    "LANG",
    "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
)
"""Variables of the client that its command sees; servers see those of the supervisor."""

READY, TAKEN, EXIT, OTHER_VERSION = b"R", b"T", b"X", b"V"
"""What a supervisor says: the command begins, an exit code follows, its version follows."""

PATIENCE = 10.0
"""Seconds for a supervisor to take a command: one that was stopped, or hangs, never does."""

SOONEST = 0.001
"""A limit of nothing would be no limit."""

STOP = b"S"
"""Sent by the client with a signal's number: end the command. So does closing the socket."""

LONGEST = 100
"""Bytes that a supervisor says at most; whatever says more is none."""

GRACE = 5
"""Seconds between a signal and the end, whether the supervisor heard of it or not."""

ECHO = {2: 0.1, 15: 0.5}
"""Seconds in which a second SIGINT or SIGTERM is the first one again: `timeout` sends a signal to the process and to its
group, and forwards what the terminal sent to both."""

LOST = -1
"""The supervisor ended in the middle of the command: nobody knows how far it came, so it must not be done again."""


def run(argv: list[str], env: "Mapping[str, str]") -> int | str | None:
    """The exit code; None where the full program has to do it, `LOST`, or the supervisor's version as a text."""
    named = _understood(argv)
    if named is None:
        return None
    at = folder(env)
    try:
        about = os.lstat(at)
        cwd = os.getcwd()  # noqa: PTH109 - pathlib costs too much here
    except OSError:
        return None
    if about.st_uid != os.getuid() or about.st_mode & 0o077:
        return None
    profile = named.get("--profile", (None,))[-1]
    path = "%s/%s.sock" % (at, name(cwd, env, named.get("--config", []), profile))  # noqa: UP031 - faster
    if "--timeout" in named:
        answer = _asked_in_time(named["--timeout"][-1], path, argv, cwd, env)
    else:
        answer = ask(path, argv, cwd, env)
    quiet = "-q" in named or "--quiet" in named
    return None if quiet and isinstance(answer, str) else answer


def is_for_supervisor(argv: "Sequence[str]") -> bool:
    return _understood(argv) is not None


def _understood(argv: "Sequence[str]") -> dict[str, list[str]] | None:
    """The global options that were named and their values, if the verb is one for a supervisor."""
    verb: str | None = None
    named: dict[str, list[str]] = {}
    pieces = iter(argv)
    for piece in pieces:
        if piece == "--":
            break
        if "@" in piece and not _is_plain(piece):
            return None
        if piece[:1] != "-" or piece == "-":
            verb = verb or piece
            if verb not in VERBS:
                return None
            continue
        option, equals, value = piece.partition("=")
        if option in OWN or piece in ("--help", "-h"):
            return None
        if option in VALUED and not equals:
            value = next(pieces, "")
        named.setdefault(option, []).append(value)
    return named if verb else None


def is_echo(number: int, first: int, since: float) -> bool:
    """Whether a signal that came so many seconds after the first one is no impatience."""
    return number == first and since < ECHO.get(number, 0.0)


def _asked_in_time(
    timeout: str, path: str, argv: list[str], cwd: str, env: "Mapping[str, str]"
) -> int | str | None:
    """The limit of the whole command holds here too."""
    from time import monotonic

    from mcpctl.model.duration import parse_duration

    try:
        limit = parse_duration(timeout)
    except ValueError:
        return None  # said by the full program
    return ask(path, argv, cwd, env, monotonic() + limit)


def ask(
    path: str, argv: list[str], cwd: str, env: "Mapping[str, str]", until: float | None = None
) -> int | str | None:
    """Have a command line done by whoever listens there, with the streams of this process; answers as `run`.

    `until` is the time of the monotonic clock when it is too late for it to be taken.
    """
    from _socket import AF_UNIX, SCM_RIGHTS, SO_SNDTIMEO, SOCK_STREAM, SOL_SOCKET, socket

    line = socket(AF_UNIX, SOCK_STREAM)
    try:
        # For a queue that is full and does not move.
        line.setsockopt(SOL_SOCKET, SO_SNDTIMEO, _as_c_has_it(_patience(until)))
        line.connect(path)
    except OSError:
        line.close()
        return None
    if not _is_ours(line):
        return None
    text = _stdin() if any(piece == "-" or piece.endswith("@-") for piece in argv) else b""
    request = _request(argv, cwd, env, text)
    descriptors = b"".join([number.to_bytes(4, sys.byteorder) for number in (0, 1, 2)])
    answer: int | str | None = None
    line.settimeout(_patience(until))
    try:
        line.sendall(request)
        line.settimeout(_patience(until))
        said = line.recv(1)
        if said == READY:
            said = b""
            line.sendmsg([READY], [(SOL_SOCKET, SCM_RIGHTS, descriptors)])
            line.settimeout(_patience(until))
    except OSError:
        pass  # nobody takes it, or a stream that is closed cannot be handed over
    else:
        answer = _wait(line, said)
    if not isinstance(answer, int):
        line.close()
        if text:
            _give_back(text)
    return answer


def _is_plain(piece: str) -> bool:
    """Whether a supervisor may read what `@FILE` names: it must not wait for a pipe, and has no `/dev/fd` of ours."""
    at = piece[1:] if piece[:1] == "@" else piece.partition("=@")[2]
    if at[:1] == "~":
        return False
    try:
        return not at or os.stat(at).st_mode & 0o170000 == 0o100000  # noqa: PTH116 - pathlib costs too much here
    except (OSError, ValueError):
        return True  # said by whoever does the command


def _patience(until: float | None) -> float:
    if until is None:
        return PATIENCE
    from time import monotonic

    return max(min(PATIENCE, until - monotonic()), SOONEST)


def _as_c_has_it(seconds: float) -> bytes:
    """Seconds and microseconds, two long numbers."""
    size = sys.maxsize.bit_length() // 8 + 1
    whole = int(seconds)
    rest = int((seconds - whole) * 1e6)
    return whole.to_bytes(size, sys.byteorder) + rest.to_bytes(size, sys.byteorder)


def _is_ours(line: "socket") -> bool:
    """Whether the other end belongs to this user; where that cannot be asked, the folder's mode has to do."""
    try:
        from _socket import SO_PEERCRED, SOL_SOCKET
    except ImportError:
        return True
    about = line.getsockopt(SOL_SOCKET, SO_PEERCRED, 12)
    return int.from_bytes(about[4:8], sys.byteorder) == os.getuid()


def _request(argv: list[str], cwd: str, env: "Mapping[str, str]", text: bytes) -> bytes:
    terminals = "".join(["1" if os.isatty(number) else "0" for number in (0, 1, 2)])
    columns = rows = 0
    for number in (1, 2, 0):
        if terminals[number] == "1":
            try:
                columns, rows = os.get_terminal_size(number)
            except OSError:  # `contextlib` would be a file to load
                columns = 0
            break
    facts = ["%s=%s" % (key, env[key]) for key in FACTS if key in env]  # noqa: UP031 - faster
    head = [__version__, cwd, terminals, str(columns), str(rows), str(len(facts))]
    body = os.fsencode("\0".join([*head, *facts, *argv]))
    return b"%d %d\n" % (len(body), len(text)) + body + text


def _stdin() -> bytes:
    """A supervisor cannot wait for what is still to be typed."""
    parts = []
    while part := os.read(0, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _give_back(text: bytes) -> None:
    """Let the full program read what was piped in."""
    from tempfile import TemporaryFile

    with TemporaryFile() as kept:
        kept.write(text)
        kept.seek(0)
        os.dup2(kept.fileno(), 0)


def _wait(line: "socket", said: bytes) -> int | str | None:
    from _signal import (  # type: ignore[import-not-found] # `signal` would be a file to load
        SIG_IGN,
        SIGALRM,
        SIGHUP,
        SIGINT,
        SIGTERM,
        alarm,
        getsignal,
        signal,
    )
    from time import monotonic

    heard: list[tuple[int, float]] = []

    def stop(number: int, _: object) -> None:
        now = monotonic()
        if heard and is_echo(number, heard[0][0], now - heard[0][1]):
            return
        heard.append((number, now))
        if len(heard) > 1:
            raise KeyboardInterrupt
        alarm(GRACE)
        try:
            line.send(STOP + bytes([number]))
        except OSError:  # it has answered and hung up
            return

    for number in (SIGINT, SIGTERM, SIGHUP):
        if number != SIGHUP or getsignal(number) != SIG_IGN:
            signal(number, stop)
    signal(SIGALRM, stop)
    reply = said + _all_of(line)
    taken = reply[:1] == TAKEN
    if taken:
        reply = reply[1:]
    if reply[:1] == EXIT and len(reply) > 1:
        return reply[1]
    if reply[:1] == OTHER_VERSION:
        return reply[1:].decode("ascii", "backslashreplace").encode("unicode_escape").decode()
    return LOST if taken else None


def _all_of(line: "socket") -> bytes:
    """What the supervisor says until it hangs up. Once it has taken the command there is no hurry."""
    from _socket import SHUT_RDWR

    reply = b""
    try:
        while len(reply) < LONGEST and (part := line.recv(LONGEST)):
            reply += part
            line.settimeout(None)
    except TimeoutError:
        line.shutdown(SHUT_RDWR)  # from here on it cannot take it any more
        return line.recv(1)
    except OSError:
        pass  # killed: what it has said counts
    return reply
