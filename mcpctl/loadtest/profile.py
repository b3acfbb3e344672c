"""How much load when: a piecewise linear level over time, and the moments at which an open model sends.

Pure arithmetic. A level is requests a second in the open model and requests in flight in the closed one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from mcpctl.model.load import Arrivals

FOREVER = 1e9
"""Seconds; thirty years, and unlike infinity it has a form in JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """From `begin` to `end` seconds the level goes straight from `first` to `last`."""

    begin: float
    end: float
    first: float
    last: float

    @property
    def area(self) -> float:
        return (self.first + self.last) / 2 * (self.end - self.begin)

    def level(self, at: float) -> float:
        if self.first == self.last or self.end == self.begin:
            return self.last
        return self.first + (self.last - self.first) * (at - self.begin) / (self.end - self.begin)

    def reach(self, area: float) -> float:
        """The moment by which so much of the area lies behind."""
        if area <= 0:
            return self.begin
        if self.first == self.last:
            return self.begin + area / self.first
        slope = (self.last - self.first) / (self.end - self.begin)
        # The root that stays exact near level 0, where the usual form cancels.
        root = sqrt(max(0.0, self.first * self.first + 2 * slope * area))
        return self.begin + 2 * area / (self.first + root)


@dataclass(frozen=True, slots=True)
class Profile:
    pieces: tuple[Piece, ...]

    @property
    def end(self) -> float:
        return self.pieces[-1].end

    @property
    def peak(self) -> float:
        return max(max(piece.first, piece.last) for piece in self.pieces)

    @property
    def is_level(self) -> bool:
        """Whether it stays where it is once it has climbed there."""
        last = self.pieces[-1]
        return len(self.pieces) <= 2 and last.first == last.last

    def level(self, at: float) -> float:
        for piece in self.pieces:
            if at < piece.end:
                return piece.level(at)
        return 0.0

    def moment(self, area: float) -> float:
        """By when so many requests are due; the end, where it never comes to as many."""
        for piece in self.pieces:
            if area <= piece.area:
                return piece.reach(area)
            area -= piece.area
        return self.end

    def area(self, until: float = FOREVER) -> float:
        """Requests due by then, in the open model."""
        total = 0.0
        for piece in self.pieces:
            if until <= piece.begin:
                break
            end = min(until, piece.end)
            total += (piece.first + piece.level(end)) / 2 * (end - piece.begin)
        return total


def steady(level: float, *, ramp: float = 0.0, until: float = FOREVER) -> Profile:
    """Up from nothing during `ramp` seconds, then level."""
    pieces = []
    if ramp:
        pieces.append(Piece(begin=0.0, end=ramp, first=0.0, last=level))
    if until > ramp:
        pieces.append(Piece(begin=ramp, end=until, first=level, last=level))
    return Profile(tuple(pieces))


def staged(stages: Sequence[tuple[float, float]], *, start: float = 0.0, lead: float = 0.0) -> Profile:
    """Stages of (seconds, level at the end); one of 0 seconds is a jump. `lead` seconds of the first level come before."""
    pieces: list[Piece] = []
    level = start
    at = 0.0
    if lead:
        opening = start or next((target for _, target in stages if target), 0.0)
        pieces.append(Piece(begin=0.0, end=lead, first=opening, last=opening))
        at = lead
    for seconds, target in stages:
        if seconds:
            pieces.append(Piece(begin=at, end=at + seconds, first=level, last=target))
            at += seconds
        level = target
    return Profile(tuple(pieces))


def arrivals(
    profile: Profile, *, kind: Arrivals, seed: int = 0, shard: int = 0, shards: int = 1
) -> Iterator[float]:
    """Seconds from the start at which requests are due, in order.

    Shards of a constant schedule take turns, so that all of them together make exactly the whole one. Poisson shards
    are independent, each with its share of the rate, which adds up to the same process.
    """
    due = _turns(shard, shards) if kind == "constant" else _jumps(f"{seed}/{shard}", shards)
    behind = 0.0
    pieces = iter(profile.pieces)
    piece = next(pieces)
    for area in due:
        while area >= behind + piece.area - 1e-9:
            behind += piece.area
            following = next(pieces, None)
            if following is None:
                return
            piece = following
        yield piece.reach(area - behind)


def _turns(shard: int, shards: int) -> Iterator[float]:
    turn = shard
    while True:
        yield float(turn)
        turn += shards


def _jumps(seed: str, shards: int) -> Iterator[float]:
    draw = random.Random(seed).expovariate  # noqa: S311 - a schedule that must repeat, not a secret
    area = 0.0
    while True:
        area += draw(1.0) * shards
        yield area
