"""What every verb is told besides its own options."""

from __future__ import annotations

from mcpctl.model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalOptions:
    config: tuple[str, ...] = ()
    profile: str | None = None
    input: tuple[str, ...] = ()
    """`id=VALUE` as typed, for `${input:id}`."""
    json: bool = False
    format: str | None = None
    timeout: float | None = None
    trace: str | None = None
    log_file: str | None = None
    no_color: bool = False
    quiet: bool = False
    verbose: int = 0
    debug: bool = False

    @property
    def wants_json(self) -> bool:
        return self.json or self.format == "json"
