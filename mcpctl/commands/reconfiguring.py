"""Reads the configuration again while servers run: the whole of it is checked before anything is changed."""

from __future__ import annotations

from pathlib import Path

from mcpctl.commands.context import Context
from mcpctl.errors import ConfigError
from mcpctl.model.running import ConfigRefused
from mcpctl.model.settings import Settings
from mcpctl.supervisor.fleet import Fleet


class Reconfiguring:
    def __init__(self, fleet: Fleet, ctx: Context) -> None:
        self._fleet = fleet
        self._ctx = ctx

    async def again(self) -> None:
        """Raises `ConfigError` for a configuration that is broken or gone; then nothing has changed."""
        settings = self._read()
        await self._fleet.reconfigure(settings, file=None if settings.base is None else str(settings.base))

    async def quietly(self) -> None:
        """The same for a file that was saved: a mistake is told, and the next save may mend it."""
        try:
            await self.again()
        except ConfigError as error:
            self._ctx.emit(
                ConfigRefused(
                    message=error.message,
                    hint=error.hint,
                    file=error.file,
                    line=error.line,
                    column=error.column,
                )
            )

    def files(self) -> tuple[Path, ...]:
        """Every file that counts, or would count if it were there."""
        return tuple(Path(source.path) for source in self._fleet.settings.sources)

    def _read(self) -> Settings:
        from mcpctl.config import load

        options = self._ctx.options
        before = self._fleet.settings
        settings = load(
            self._ctx.world, paths=options.config, profile=options.profile, inputs=before.given_inputs
        )
        if before.base is not None and settings.base is None:
            raise ConfigError(
                f"the configuration `{before.base}` is gone",
                code="config.missing_file",
                file=str(before.base),
                hint="put it back; until then the servers run on as they are",
            )
        return settings
