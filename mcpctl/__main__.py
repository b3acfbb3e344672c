"""The process boundary. `--help` and `--version` are answered before anything is imported.

Owns what only a process can have: its argv, its streams, its exit.
"""

import sys

from mcpctl import __version__


def main() -> int:
    argv = sys.argv[1:]
    text = _ready(argv)
    if text is not None:
        return _finish(_print(text))
    if sys.platform == "win32":
        sys.stderr.write(
            "error: mcpctl does not run on Windows\n  = use it in the Windows Subsystem for Linux\n"
        )
        return 2
    try:
        _collect_seldom()
        if argv[:1] == ["--complete"]:
            from mcpctl.cli.completing import complete_process

            return _finish(_print(complete_process(argv[1:])))
        waited = _ask_supervisor(argv)
        from mcpctl.cli.entry import run_process

        return _finish(run_process(argv, waited))
    except KeyboardInterrupt:  # so early that nothing is there yet to tell it well
        return _finish(130)


def leave() -> None:
    """End this process with the code of `main`. The kernel takes it apart in no time, Python in a sixth of a cold call."""
    import os

    code = main()
    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() > 1:
        sys.exit(code)  # somebody still works, and Python waits for them
    process = sys.modules.get("mcpctl.transports.process")
    if process is not None:
        process.kill_all()
    os._exit(code)


def _collect_seldom() -> None:
    """Loading modules makes much and drops little: looking for garbage every 700 objects is a 25th of a cold call."""
    import gc

    gc.set_threshold(50_000, 10, 10)


def _ask_supervisor(argv: list[str]) -> float:
    """Let a running supervisor do it, and leave with its answer.

    Comes back if there is none, it is not for one or it did not take it, with the seconds that were waited in vain.
    """
    import os
    from time import monotonic

    from mcpctl.control.client import run

    began = monotonic()
    code = run(argv, os.environ)
    if isinstance(code, str):
        about = f"the running supervisor is mcpctl {code}, and this is {__version__}: working without it"
        sys.stderr.write(f"note: {about}\n  = take its place: `mcpctl run --detach --replace`\n")
    elif code is not None and code >= 0:
        os._exit(code)
    elif code is not None:
        from mcpctl.cli.entry import supervisor_was_lost

        os._exit(_finish(supervisor_was_lost(argv)))
    return monotonic() - began


def _ready(argv: list[str]) -> bytes | None:
    """A text that needs no parsing, for command lines that leave no doubt."""
    if argv in (["--version"], ["-V"]):
        return f"mcpctl {__version__}\n".encode()
    if argv and argv[-1] in {"--help", "-h"}:
        words = argv[:-1]
    elif not argv or argv[0] == "help":
        words = argv[1:]
    else:
        return None
    if not all(word.replace("-", "").isalnum() and not word.startswith("-") for word in words):
        return None
    if argv and argv[0] == "help" and words:
        name = "-".join(words)
        found = [page for page in (_page("cli/generated", name), _page("help", name)) if page is not None]
        return b"\n".join(found) or None
    for end in range(len(words), 0, -1):
        page = _page("cli/generated", "-".join(words[:end]))
        if page is not None:
            return page
    return None if words else _page("cli/generated", "mcpctl")


def _page(folder: str, name: str) -> bytes | None:
    try:
        with open(f"{__file__.removesuffix('__main__.py')}{folder}/{name}.txt", "rb") as page:  # noqa: PTH123 - pathlib costs as much as Python itself
            return page.read()
    except OSError:
        return None


def _print(text: bytes) -> int:
    if sys.stdout is None:
        return 0
    try:
        sys.stdout.buffer.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        return 0
    except OSError as error:
        sys.stderr.write(f"error: cannot write the answer: {error.strerror}\n")
        return 74
    return 0


def _finish(code: int) -> int:
    """What cannot be written by now never can be: the interpreter must not try again and complain."""
    import os

    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return code


if __name__ == "__main__":
    leave()
