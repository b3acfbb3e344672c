"""Which of the words that rules listen for are in a text, and which notations of variables: piece by piece, because
files repeat themselves and each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mcpctl.config.hosts.references import forms_in

_MOST_PIECES = 2_000
"""Pieces that are remembered; forgetting all of them costs little."""

_MANY_PIECES = 1000
"""So many new ones in a text are not remembered each by itself."""

_LONGEST_PIECE = 500
"""Longer ones are no values that come back."""

_LONGEST_TEXT = 1 << 20
"""A larger text is heard in parts, cut at a double quote: its pieces would take more memory than it does."""

_DIGITS = str.maketrans("123456789", "000000000")
"""Versions and ports make a new piece of one that was heard before: listening takes every digit for a zero."""

_MARKS = "_@{.-"
"""Signs that many words have, the rarest in files first."""

Heard = tuple[frozenset[str], frozenset[str]]


class Listener:
    """Hears a fixed set of words, none of which may contain a double quote: there texts are cut."""

    def __init__(self, words: Iterable[str]) -> None:
        self.everything = frozenset(words)
        if any('"' in word for word in self.everything):
            raise ValueError("a word with a double quote would never be heard")
        self._sounds = {word: word.translate(_DIGITS) for word in sorted(self.everything)}
        self._groups = _by_mark(self._sounds)
        self._known: dict[str, Heard] = {}
        self._silent: set[str] = set()
        """Pieces in which there is nothing to hear: most of them."""

    def heard(self, text: str, *, strict: bool = False) -> Heard:
        """The words that a text mentions, in whatever case, and the notations with a `$` in it.

        Where escapes could hide some it is all words. In `strict` JSON whatever is said is within quotes.
        """
        text = text.translate(_DIGITS)
        if len(text) <= _LONGEST_TEXT:
            return self._heard(text, 2 if strict and "\\" not in text else 1)
        words: set[str] = set()
        forms: set[str] = set()
        at = 0
        while at < len(text):
            end = text.find('"', at + _LONGEST_TEXT)
            end = len(text) if end < 0 else end
            some_words, some_forms = self._heard(text[at:end], 1)
            words |= some_words
            forms |= some_forms
            at = end + 1
        return frozenset(words), frozenset(forms)

    def _heard(self, text: str, step: int) -> Heard:
        known = self._known
        if len(known) + len(self._silent) > _MOST_PIECES:
            known.clear()
            self._silent.clear()
        words: set[str] = set()
        forms: set[str] = set()
        new = []
        for piece in set(text.split('"')[step - 1 :: step]) - self._silent:
            heard = known.get(piece)
            if heard is None:
                new.append(piece)
            else:
                words |= heard[0]
                forms |= heard[1]
        if len(new) > _MANY_PIECES:
            together = '"'.join(new)
            return self._words_in(together) | words, frozenset(forms_in(together)) | forms
        for heard in self._listen(new) if new else ():
            words |= heard[0]
            forms |= heard[1]
        return frozenset(words), frozenset(forms)

    def _listen(self, pieces: list[str]) -> Iterator[Heard]:
        """What is in each: all of them are searched at once, and then for the few words that there are."""
        together = self._words_in('"'.join(pieces))
        for piece in pieces:
            words = self._among(together, piece) if together else together
            short = len(piece) <= _LONGEST_PIECE
            if words or "$" in piece:
                heard = words, frozenset(forms_in(piece))
                if short:
                    self._known[piece] = heard
                yield heard
            elif short:
                self._silent.add(piece)

    def _among(self, words: frozenset[str], piece: str) -> frozenset[str]:
        if words is self.everything:
            return self._words_in(piece)
        lowered = piece.lower()
        return frozenset([word for word in words if self._sounds[word] in lowered])

    def _words_in(self, text: str) -> frozenset[str]:
        if "\\" in text and ("\\u" in text or "\\U" in text or "\\x" in text):
            return self.everything
        lowered = text.lower()
        heard = [
            word
            for mark, words in self._groups
            if mark in lowered
            for sound, word in words
            if sound in lowered
        ]
        return frozenset(heard)


def _by_mark(sounds: Mapping[str, str]) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Words and how they sound, with the same sign in them, behind that sign: without it none of them can be there."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for word, sound in sounds.items():
        groups.setdefault(next((mark for mark in _MARKS if mark in word), ""), []).append((sound, word))
    return tuple((mark, tuple(group)) for mark, group in groups.items())
