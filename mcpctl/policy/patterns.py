"""Regular expressions of strangers, searched in time linear in the text: no look-around, no back references."""

from __future__ import annotations

from collections.abc import Callable


class UnusablePattern(ValueError):  # noqa: N818 - reads as what it is
    """No expression, or one that only a search without bounds could follow."""


def searcher(pattern: str) -> Callable[[str], bool]:
    """A function that tells whether a text holds the pattern. Raises `UnusablePattern`."""
    import jsonschema_rs

    schema = {"type": "string", "pattern": pattern}
    try:
        validator = jsonschema_rs.validator_for(
            schema, offline=True, pattern_options=jsonschema_rs.RegexOptions()
        )
    except ValueError as error:
        raise UnusablePattern(pattern) from error
    return validator.is_valid
