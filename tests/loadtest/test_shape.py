"""What a user asked for, as the shape of a load; every contradiction is told before anything is started."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mcpctl.errors import UsageError
from mcpctl.loadtest.files import read_mix, read_stages
from mcpctl.loadtest.shape import Stage, Stages, parse_rate, parse_shard, shape
from mcpctl.model.load import LoadOptions

PLAIN = LoadOptions(words=("demo", "echo"))


def test_a_load_without_any_numbers_is_ten_in_flight_for_ten_seconds() -> None:
    found = shape(PLAIN)
    assert (found.model, found.profile.level(5), found.profile.end, found.requests) == (
        "closed",
        10,
        10,
        None,
    )


def test_concurrency_is_meant_for_every_session() -> None:
    assert shape(replace(PLAIN, sessions=4, concurrency=8)).profile.peak == 32


def test_a_number_of_requests_needs_no_duration() -> None:
    found = shape(replace(PLAIN, requests=1000, warmup=2))
    assert found.requests == 1000
    assert found.profile.end > 1e6


def test_warm_up_and_ramp_come_before_the_duration_and_within_it() -> None:
    found = shape(replace(PLAIN, rate="100/s", warmup=2, duration=10, ramp=4))
    assert (found.model, found.profile.end) == ("open", 12)
    assert found.profile.level(2) == 50
    assert found.profile.level(11) == 100


def test_a_frozen_server_is_waited_for_before_requests_are_dropped() -> None:
    assert shape(replace(PLAIN, rate="10")).max_in_flight == 1000
    assert shape(replace(PLAIN, rate="5000/s")).max_in_flight == 10_000
    assert shape(replace(PLAIN, rate="10", max_in_flight=3)).max_in_flight == 3


@pytest.mark.parametrize(
    ("text", "rate"), [("500", 500), ("500/s", 500), ("30/m", 0.5), ("2.5 / s", 2.5), ("36/h", 0.01)]
)
def test_a_rate_is_read(text: str, rate: float) -> None:
    assert parse_rate(text) == pytest.approx(rate)


@pytest.mark.parametrize("text", ["0", "0/s", "-5", "fast", "5/d", "", "nan", "1e3", "9" * 400])
def test_a_rate_that_sends_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no rate above 0"):
        parse_rate(text)


def test_a_shard_is_counted_from_one() -> None:
    assert parse_shard("2/4") == (1, 4)
    for text in ("0/4", "5/4", "x", "1/0", "1"):
        with pytest.raises(UsageError, match="is no part of a whole"):
            parse_shard(text)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rate": "5", "concurrency": 5}, "`--rate` and `--concurrency` exclude"),
        ({"rate": "5", "think": 1.0}, "`--rate` and `--think` exclude"),
        ({"stages": "x", "duration": 5.0}, "`--stages` and `--duration` exclude"),
        ({"arrivals": "poisson"}, "`--arrivals` needs `--rate`"),
        ({"max_in_flight": 5}, "`--max-in-flight` needs `--rate`"),
        ({"abort_on_fail": True}, "`--abort-on-fail` needs `--threshold`"),
        ({"limit_of": "sessions"}, "`--limit-of` needs `--find-limit`"),
        ({"max_regression": "5%"}, "`--max-regression` needs `--baseline`"),
        ({"shard": "1/2", "workers": 2}, "`--shard` and `--workers` exclude"),
        ({"cluster": "local", "workers": 2}, "`--cluster` and `--workers` exclude"),
        ({"find_limit": "p99<1s", "requests": 5}, "`--find-limit` and `--requests` exclude"),
        ({"connect": True, "calls_per_session": 5}, "`--connect` and `--calls-per-session` exclude"),
        ({"concurrency": 0}, "`--concurrency 0` makes no load"),
        ({"requests": 0}, "`--requests 0` makes no load"),
        ({"sessions": -1}, "`--sessions -1` makes no load"),
        ({"workers": 0}, "`--workers 0` makes no load"),
        ({"duration": 0.0}, "`--duration 0` makes no load"),
        ({"call_timeout": 0.0}, "`--call-timeout 0`"),
        ({"duration": 5.0, "ramp": 10.0}, "`--ramp` is longer than the load"),
        ({"max_regression": "0"}, "`--max-regression 0` is no share above 0"),
        ({"max_regression": "much"}, "`--max-regression much` is no share above 0"),
        ({"check_every": -1}, "`--check-every` is negative"),
    ],
)
def test_contradictions_are_refused_with_a_hint(change: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        shape(replace(PLAIN, **change))  # type: ignore[arg-type]
    assert words in caught.value.message
    assert caught.value.hint


def test_stages_tell_the_model_and_the_levels(tmp_path: Path) -> None:
    file = tmp_path / "stages.toml"
    file.write_text(
        '[[stages]]\nduration = "10s"\nrate = 100\n[[stages]]\nduration = 0\nrate = 500\n[[stages]]\nduration="5s"\nrate=500\n'
    )
    stages = read_stages(file)
    assert stages == Stages(
        model="open",
        steps=(Stage(seconds=10, level=100), Stage(seconds=0, level=500), Stage(seconds=5, level=500)),
    )
    found = shape(replace(PLAIN, stages=str(file), warmup=3), stages)
    assert found.profile.level(1) == 100
    assert found.profile.level(8) == 50
    assert found.profile.level(14) == 500
    assert found.profile.end == 18


def test_stages_may_be_json(tmp_path: Path) -> None:
    file = tmp_path / "stages"
    file.write_text('[{"duration": 5, "concurrency": 4}]')
    found = shape(replace(PLAIN, stages=str(file), sessions=3), read_stages(file))
    assert (found.model, found.profile.peak) == ("closed", 12)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[stages]]\nduration=\n", "it is not TOML"),
        ('{"stages": [}', "it is not JSON"),
        ("[[steps]]\nx=1\n", "it holds no list `stages`"),
        ("stages = 5", "it holds no list `stages`"),
        ("stages = [5]", "entry 1 of `stages` is no table"),
        ('[[stages]]\nduration="5s"', "stage 1 needs either `rate` or `concurrency`"),
        ('[[stages]]\nduration="5s"\nrate=1\nspeed=2', "stage 1 has an unknown key `speed`"),
        ('[[stages]]\nduration="soon"\nrate=1', "`duration` of stage 1 is no duration"),
        ("[[stages]]\nrate=1", "`duration` of stage 1 is no duration"),
        ('[[stages]]\nduration="5s"\nrate=-1', "`rate` of stage 1 is no number of 0 or more"),
        ('[[stages]]\nduration="5s"\nrate=inf', "`rate` of stage 1 is no number of 0 or more"),
        ('[[stages]]\nduration="5s"\nconcurrency=nan', "`concurrency` of stage 1 is no number of 0 or more"),
        (
            '[[stages]]\nduration="5s"\nrate=1\n[[stages]]\nduration="5s"\nconcurrency=1',
            "some stages give a `rate`",
        ),
    ],
)
def test_a_broken_file_of_stages_is_named_with_the_entry(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "stages.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_stages(file)
    assert words in caught.value.message
    assert caught.value.file == str(file)


@pytest.mark.parametrize("level", ["rate=0", "concurrency=0.4"])
def test_stages_that_never_leave_zero_are_refused(tmp_path: Path, level: str) -> None:
    file = tmp_path / "stages.toml"
    file.write_text(f'[[stages]]\nduration="5s"\n{level}')
    with pytest.raises(UsageError, match="never leave level 0"):
        shape(replace(PLAIN, stages=str(file)), read_stages(file))


def test_a_mix_is_read_and_its_faults_are_named(tmp_path: Path) -> None:
    file = tmp_path / "mix.toml"
    file.write_text(
        '[[mix]]\ntool="echo"\nweight=3\narguments={text="{{uuid}}"}\n[[mix]]\nresource="demo://x"\n'
    )
    assert [entry.get("weight", 1) for entry in read_mix(file)] == [3, 1]
    for text, words in (
        ('[[mix]]\ntool="a"\nprompt="b"', "needs one of"),
        ('[[mix]]\ntool="a"\nweight=0', "`weight` of entry 1"),
        ('[[mix]]\ntool="a"\narguments=5', "`arguments` of entry 1"),
        ('[[mix]]\ntool="a"\nserver=5', "`server` of entry 1"),
        ('[[mix]]\ntool="a"\nwieght=5', "unknown key `wieght`"),
    ):
        file.write_text(text)
        with pytest.raises(UsageError, match=words):
            read_mix(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: no such file"):
        read_stages(tmp_path / "absent.toml")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="is not text in UTF-8"):
        read_mix(tmp_path / "binary")
