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
    try:
        from mcpctl.cli.entry import run_process

        return _finish(run_process(argv))
    except KeyboardInterrupt:  # so early that nothing is there yet to tell it well
        return _finish(130)


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
    for end in range(len(words), 0, -1):
        page = _page("-".join(words[:end]))
        if page is not None or argv[0] == "help":
            return page
    return None if words else _page("mcpctl")


def _page(name: str) -> bytes | None:
    try:
        with open(f"{__file__.removesuffix('__main__.py')}cli/generated/{name}.txt", "rb") as page:  # noqa: PTH123 - pathlib costs as much as Python itself
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
    sys.exit(main())
