"""What documents say of verbs, metrics and figures, held against what there is."""

from __future__ import annotations

import ast
import re
import shlex
from fractions import Fraction
from pathlib import Path

import pytest

from mcpctl.cli.argv import Line
from mcpctl.cli.generated.table import GRAMMARS
from mcpctl.cli.helptext import EXAMPLES
from mcpctl.cli.understanding import understand
from mcpctl.cli.verbs import VERBATIM, VERBS
from mcpctl.health.exposition import exposition
from mcpctl.loadtest.metrics import Metrics
from mcpctl.model.health import HealthReport
from tests.docs import HELP
from tests.loadtest.samples import progress
from tests.support import ROOT

README = ROOT / "README.md"

BENCH = re.compile(
    r"^\| (?P<what>.*) \| (?P<measured>[^|]*) \| (?P<limit>[^|]*) \| [^|]*\| `python -m tests\.bench (?P<name>\w+)` \|$",
    re.MULTILINE,
)

COMMAND = re.compile(r"^ *(?:- )?(?:- run: |script: )?(mcpctl [^#\n]*)$", re.MULTILINE)
"""A line of a script in YAML."""


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_an_example_that_is_understood(verb: str) -> None:
    page = (ROOT / "mcpctl" / "cli" / "generated" / f"{verb.replace(' ', '-')}.txt").read_text()
    examples = re.findall(r"^  (mcpctl .*)$", page.partition(EXAMPLES)[2], re.MULTILINE)
    assert examples
    assert any(example.startswith(f"mcpctl {verb}") for example in examples)
    for example in examples:
        understood(example)


@pytest.mark.parametrize(
    "document",
    [README, HELP / "ci.txt", *(ROOT / "sample-configs" / "ci").iterdir()],
    ids=lambda path: path.name,
)
def test_scripts_of_pipelines_type_commands_that_are_understood(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL) or [text]
    for command in COMMAND.findall("\n".join(blocks)):
        understood(command)


def understood(command: str) -> None:
    """Raises what a user would see."""
    words = shlex.split(command)[1:]
    if ">" in words:
        words = words[: words.index(">")]
    understand(Line(words, GRAMMARS, VERBATIM), VERBS)


def test_the_page_on_health_names_every_metric() -> None:
    text = exposition(HealthReport(status="healthy", checked_at=0.0))
    page = (HELP / "health.txt").read_text()
    assert set(re.findall(r"^  (mcp_\w+) ", page, re.MULTILINE)) == families(text)


def test_the_page_on_loads_names_every_metric() -> None:
    metrics = Metrics(server="x")
    metrics.tell(progress())
    page = (HELP / "loadtest.txt").read_text()
    assert set(re.findall(r"\bmcpctl_load_\w+", page)) == families(metrics.text().decode())


def families(text: str) -> set[str]:
    return set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE))


def test_figures_of_the_readme_lie_within_the_limits_of_their_benchmarks() -> None:
    rows = [found.groupdict() for found in BENCH.finditer(README.read_text(encoding="utf-8"))]
    assert len(rows) > 6
    for row in rows:
        if row["limit"] == "-":
            continue
        kept = number(row["limit"])
        assert float(Fraction(kept).denominator if kept < 1 else kept) in numbers(row["name"]), row["what"]
        if "beyond" not in row["limit"]:
            assert number(row["measured"]) <= kept, row["what"]


def number(text: str) -> Fraction:
    """The first of a text, such as `0.9 x`, `1/38` or `0 of 6,949`."""
    found = re.match(r"[\d./]+", text)
    assert found, text
    return Fraction(found[0])


def numbers(benchmark: str) -> set[float]:
    """All that its source has, the limits among them."""
    tree = ast.parse((ROOT / "tests" / "bench" / f"{benchmark}.py").read_text(encoding="utf-8"))
    found = (each.value for each in ast.walk(tree) if isinstance(each, ast.Constant))
    return {float(value) for value in found if isinstance(value, int | float)}
