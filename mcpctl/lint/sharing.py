"""Shares many files among the processors: whoever is free takes the next portion, and children send back plain values.

Whatever goes wrong in a child, its share is left to the parent: a faster way never costs an answer.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

LEAST = 200
"""Fewer files are checked before the children would have started."""

_PORTION = 8
"""Items taken at once: few enough that nobody waits long for the last one."""

_MOST_PORTIONS = 256
"""A portion's number is one byte, because only a byte is read by one process alone."""


def workers(files: int) -> int:
    """How many processes are worth it."""
    if files < LEAST or not hasattr(os, "fork") or sys.platform == "darwin":
        return 1
    return min(len(os.sched_getaffinity(0)), files // (LEAST // 2))


def shared(items: Sequence[T], work: Callable[[T], Any], count: int) -> list[Any]:
    """`work` of each item, in order, made by `count` processes; `None` for what a child could not do.

    What `work` returns is made of texts, numbers, tuples, lists and objects only.
    """
    size = max(_PORTION, -(-len(items) // _MOST_PORTIONS))
    portions = [items[at : at + size] for at in range(0, len(items), size)]
    queue, writing = os.pipe()
    os.write(writing, bytes(range(len(portions))))
    os.close(writing)
    children = [_start(queue, portions, work) for _ in range(count - 1)]
    done = _work_off(queue, portions, work)
    os.close(queue)
    for child, pipe in children:
        done.update(_received(pipe))
        os.waitpid(child, 0)
    results: list[Any] = []
    for number, portion in enumerate(portions):
        results += done.get(number) or [None] * len(portion)
    return results


def _work_off(queue: int, portions: Sequence[Sequence[T]], work: Callable[[T], Any]) -> dict[int, list[Any]]:
    done = {}
    while number := os.read(queue, 1):
        done[number[0]] = [work(item) for item in portions[number[0]]]
    return done


def _start(queue: int, portions: Sequence[Sequence[T]], work: Callable[[T], Any]) -> tuple[int, int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        data = marshal.dumps(_work_off(queue, portions, work))
        with os.fdopen(writing, "wb") as stream:
            stream.write(data)
    except BaseException:
        os._exit(1)
    os._exit(0)


def _received(pipe: int) -> dict[int, list[Any]]:
    with os.fdopen(pipe, "rb") as stream:
        data = stream.read()
    try:
        share = marshal.loads(data)  # noqa: S302 - written by our own child
    except (EOFError, ValueError, TypeError):
        return {}
    return share if isinstance(share, dict) else {}
