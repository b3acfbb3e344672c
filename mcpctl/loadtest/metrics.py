"""Figures of a running load for Prometheus, in its text format, on an address of the user's choice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from mcpctl.errors import UsageError
from mcpctl.loadtest.results import requests_in
from mcpctl.model.load_report import LoadProgressed

_PATIENCE = 5.0
"""Seconds that whoever connects has to ask something."""

_QUANTILES = {"0.5": "p50", "0.9": "p90", "0.95": "p95", "0.99": "p99", "0.999": "p999"}


def parse_address(text: str) -> tuple[str, int]:
    """`HOST:PORT`. Raises `UsageError`."""
    host, _, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65_535:
        raise UsageError(
            f"`--metrics {text}` is no address",
            code="usage.invalid_value",
            hint="write it as `127.0.0.1:9464`; port 0 picks a free one",
        )
    return host.strip("[]") or "127.0.0.1", int(port)


class Metrics:
    """Serves what it was told last. `close` it."""

    def __init__(self, *, server: str) -> None:
        self._labels = {"server": server}
        self._latest: LoadProgressed | None = None
        self._listener: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """The port it listens on. Raises `UsageError`."""
        try:
            self._listener = await asyncio.start_server(self._serve, host, port)
        except OSError as error:
            raise UsageError(
                f"nobody can listen on `{host}:{port}`: {(error.strerror or str(error)).lower()}",
                code="usage.address",
                hint="choose another port with `--metrics`",
            ) from error
        found: int = self._listener.sockets[0].getsockname()[1]
        return found

    def tell(self, progress: LoadProgressed) -> None:
        self._latest = progress

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.close()

    def text(self) -> bytes:
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterator[Any]:
        """What prometheus_client asks of a collector."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily

        latest = self._latest
        names, values = list(self._labels), list(self._labels.values())
        up = GaugeMetricFamily("mcpctl_load_up", "Whether a load is running.", labels=names)
        up.add_metric(values, 1.0 if latest is not None else 0.0)
        yield up
        if latest is None:
            return
        requests = CounterMetricFamily(
            "mcpctl_load_requests", "Requests by outcome.", labels=[*names, "outcome"]
        )
        outcomes = {"ok": latest.ok, **latest.errors}
        for outcome, count in outcomes.items():
            requests.add_metric([*values, outcome], count - latest.strays.get(outcome, 0))
        yield requests
        strays = CounterMetricFamily(
            "mcpctl_load_stray_answers", "Answers that nobody asked for.", labels=names
        )
        strays.add_metric(values, sum(latest.strays.values()))
        yield strays
        dropped = CounterMetricFamily("mcpctl_load_dropped", "Requests that found no room.", labels=names)
        dropped.add_metric(values, latest.dropped)
        yield dropped
        in_flight = GaugeMetricFamily("mcpctl_load_in_flight", "Requests in flight.", labels=names)
        in_flight.add_metric(values, latest.in_flight)
        yield in_flight
        count = requests_in(latest.ok, latest.errors, latest.strays)
        summary = SummaryMetricFamily(
            "mcpctl_load_latency_seconds", "Latency from the intended start.", labels=names
        )
        summary.add_metric(values, count_value=count, sum_value=count * latest.total.mean / 1000)
        for quantile, field in _QUANTILES.items():
            value = getattr(latest.total, field) / 1000
            summary.add_sample("mcpctl_load_latency_seconds", {**self._labels, "quantile": quantile}, value)
        yield summary

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
            found = head.split(b" ", 2)[1:2] in ([b"/metrics"], [b"/"])
            body = self.text() if found else b"not found\n"
            status = b"200 OK" if found else b"404 Not Found"
            writer.write(
                b"HTTP/1.1 %b\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n"
                b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (status, len(body), body)
            )
            await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # a scrape that fails is repeated
        finally:
            writer.close()
