from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mcpctl.errors import UsageError
from mcpctl.loadtest.comparison import overall
from mcpctl.loadtest.results import Moment, Run, merged, pack, unpack
from mcpctl.loadtest.series import against_baseline, against_runs, apart, merge
from mcpctl.loadtest.stored import StoredRun, check_writable, from_json, load, save, to_json
from tests.loadtest.samples import ABOUT, histogram, run, stored


def shard(number: int, of: int, seed: int) -> StoredRun:
    return StoredRun(about=replace(ABOUT, shard=number, shards=of), run=run(seed=seed), file=f"{number}.json")


def test_a_run_survives_its_file(tmp_path: Path) -> None:
    before = stored(errors={"timeout": 3})
    save(before, tmp_path / "run.json")
    after = load(tmp_path / "run.json")
    assert to_json(after) == to_json(before)
    assert after.file == str(tmp_path / "run.json")


def test_a_second_survives_packing() -> None:
    packed = histogram(median=3, count=500)
    again = unpack(pack(packed))
    assert (again.counts, again.sum, again.minimum, again.maximum) == (
        packed.counts, packed.sum, packed.minimum, packed.maximum,
    )  # fmt: skip
    assert unpack(b"").count == 0


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"mcpctl_run": 2}', '{"mcpctl_run": 1, "about": {}, "run": {}}', "nonsense"]
)
def test_a_file_that_is_no_run_is_refused_by_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "run.json"
    file.write_text(text)
    with pytest.raises(UsageError, match="is no stored run"):
        load(file)


def test_a_damaged_histogram_in_a_file_is_refused_by_name(tmp_path: Path) -> None:
    value = to_json(stored())
    value["run"]["tallies"][0]["latency"]["hdr"] = "AAAA"
    (tmp_path / "run.json").write_text(json.dumps(value))
    with pytest.raises(UsageError, match="is no stored run: the histogram cannot be read"):
        load(tmp_path / "run.json")


def test_a_place_that_cannot_be_written_is_told_before_the_load(tmp_path: Path) -> None:
    check_writable(tmp_path / "new.json")
    assert not (tmp_path / "new.json").exists()
    with pytest.raises(UsageError, match="cannot be written: no such file or directory"):
        check_writable(tmp_path / "absent" / "run.json")
    with pytest.raises(UsageError, match="cannot be written: is a directory"):
        check_writable(tmp_path)


def test_shards_make_exactly_the_whole() -> None:
    shards = [shard(number, 3, seed=number + 1) for number in range(3)]
    whole = merge(shards)
    assert whole.run.requests == sum(each.run.requests for each in shards)
    assert whole.run.whole().latency.count == whole.run.requests
    assert [moment.sent for moment in whole.run.moments] == [600] * 8
    assert whole.run.duration == 8
    assert whole.run.effort.workers == 3
    assert whole.run.dead == []


def test_the_merged_percentiles_are_those_of_all_requests_together() -> None:
    shards = [shard(number, 2, seed=number + 1) for number in range(2)]
    together = histogram(median=0, count=0)
    for each in shards:
        together.merge(each.run.whole().latency)
    assert merge(shards).run.whole().latency.percentile(99) == together.percentile(99)


def test_a_missing_shard_is_named() -> None:
    assert merge([shard(0, 3, 1), shard(2, 3, 2)]).run.dead == ["shard 2/3"]


def test_shards_that_do_not_belong_together_are_refused() -> None:
    other = StoredRun(about=replace(ABOUT, shard=1, shards=3, load="other"), run=run(), file="other.json")
    for pair, words in (
        ([shard(0, 3, 1), other], "`other.json` does not belong"),
        ([shard(0, 3, 1), shard(1, 2, 2)], "one of 2 shards"),
        ([shard(0, 3, 1), replace(shard(0, 3, 2), file="twin.json")], "already in `0.json`"),
    ):
        with pytest.raises(UsageError, match=words):
            merge(pair)


def test_one_run_is_not_merged_with_itself() -> None:
    one = stored(seed=1)
    with pytest.raises(UsageError, match=r"already in"):
        merge([one, replace(one, file="copy.json")])


def test_runs_that_were_made_one_after_the_other_are_told() -> None:
    early, late = shard(0, 2, 1), shard(1, 2, 2)
    assert apart([early, late]) is None
    late.run.started_at = early.run.started_at + 60
    assert "not made at the same time" in (apart([early, late]) or "")


def test_seconds_of_workers_that_began_apart_are_put_side_by_side() -> None:
    left = Run(moments=[Moment(index=0, sent=5), Moment(index=1, sent=5)])
    right = Run(moments=[Moment(index=1, sent=7), Moment(index=2, sent=7)], ended="server_lost")
    whole = merged([left, right])
    assert [(moment.index, moment.sent) for moment in whole.moments] == [(0, 5), (1, 12), (2, 7)]
    assert whole.ended == "server_lost"


def test_a_long_run_keeps_no_more_moments_than_a_short_one_and_loses_nothing() -> None:
    seconds = [
        Moment(index=second, sent=3, ok=2, errors={"timeout": 1}, in_flight=second % 7)
        for second in range(5000)
    ]
    whole = merged([Run(moments=seconds), Run(moments=seconds[:4999])])
    assert len(whole.moments) <= 600
    assert sum(moment.sent for moment in whole.moments) == 3 * 9999
    assert whole.moments[0].span == 16
    assert [moment.index for moment in whole.moments[:3]] == [0, 16, 32]


def test_a_slower_run_is_a_regression_against_its_baseline() -> None:
    found = against_baseline(stored(median=13, seed=2), stored(median=10), max_regression=0.10)
    assert overall(found) == "regression"
    assert overall(against_baseline(stored(seed=2), stored(), max_regression=0.10)) == "pass"


def test_seconds_in_which_everything_failed_are_a_regression() -> None:
    failing = stored(seconds=8, seed=2)
    failing.run.tallies["echo"].errors["is_error"] = 400
    failing.run.moments += [Moment(index=second, sent=200, errors={"is_error": 200}) for second in (8, 9)]
    found = against_baseline(failing, stored(), max_regression=0.10)
    assert overall(found) == "regression"


def test_a_short_run_is_judged_by_size_and_says_so() -> None:
    found = against_baseline(stored(median=13, seconds=2), stored(seconds=2), max_regression=0.10)
    median = next(one for one in found if one.metric == "p50")
    assert median.verdict == "regression"
    assert "by size alone" in (median.note or "")


def test_a_baseline_of_another_load_is_refused() -> None:
    other = StoredRun(about=replace(ABOUT, load="other"), run=run(), file="baseline.json")
    with pytest.raises(UsageError, match=r"`baseline\.json` does not belong"):
        against_baseline(stored(), other, max_regression=0.1)


def test_runs_are_compared_with_runs() -> None:
    before = [stored(median=10 + number / 20, seed=number) for number in range(6)]
    after = [stored(median=12 + number / 20, seed=number + 10) for number in range(6)]
    found = against_runs(before, after, paired=False)
    assert overall(found) == "regression"
    assert overall(against_runs(after, before, paired=True)) == "improvement"


def test_a_run_reads_back_from_its_json() -> None:
    assert from_json(to_json(stored())).about == ABOUT
