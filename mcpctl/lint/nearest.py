"""Did you mean: one suggestion where it is near enough, none where it would be a guess."""

from __future__ import annotations

from collections.abc import Iterable

_NEAR = 0.75
"""Ratio of difflib at which a short misspelling is still found and a different word is not."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant."""
    from difflib import get_close_matches

    folded = {"".join(c for c in each.lower() if c.isalnum()): each for each in known}
    plain = "".join(c for c in word.lower() if c.isalnum())
    if plain in folded:
        return folded[plain]
    found = get_close_matches(plain, folded, n=1, cutoff=_NEAR)
    return folded[found[0]] if found else None
