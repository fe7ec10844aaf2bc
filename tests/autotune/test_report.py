"""Events as lines, a bar and a table."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import replace
from pathlib import Path

from helion.autotune.events import GenerationStarted, TrialEnded, TuningPhase, TuningProgress, TuningStarted
from helion.autotune.report import TuningReport, stats_of
from helion.autotune.trial_table import TrialTable
from helion.config.config import Config
from helion.trials.trial import Failure, Outcome, Trial

OK = Trial(0, Config(block_sizes=[1]), "a", Outcome(microseconds=26.6, seconds=1.25))
SLOW = Trial(1, Config(block_sizes=[2]), "b", Outcome(microseconds=100.0), generation=1)
TIMEOUT = Trial(2, Config(block_sizes=[4]), "c", Outcome(failure=Failure("timeout", "")), generation=1)
WRONG = Trial(3, Config(block_sizes=[8]), "d", Outcome(failure=Failure("wrong-result", "result differs")), generation=1)


def report_of(*events: object, **options: object) -> str:
    stream = io.StringIO()
    report = TuningReport(stream, TrialTable(None), **options)  # type: ignore[arg-type]
    for event in events:
        report(event)  # type: ignore[arg-type]
    return stream.getvalue()


def test_statistics_are_in_milliseconds_without_counts_of_zero() -> None:
    text = "error=1 timeout=1 ok=2 min=0.0266 mid=0.0633 max=0.1000 best=Config(block_sizes=[1])"
    assert stats_of([OK, SLOW, TIMEOUT, WRONG]) == text
    assert stats_of([OK]) == "ok=1 min=0.0266 mid=0.0266 max=0.0266 best=Config(block_sizes=[1])"
    assert stats_of([TIMEOUT]) == "timeout=1"


def test_a_tuning_as_lines() -> None:
    text = report_of(
        TuningStarted("k", "measured", "pattern", "GPU", 60.0, 5, 0, None, {}),
        GenerationStarted(0, 1),
        TrialEnded(OK),
        GenerationStarted(1, 2),
        TrialEnded(SLOW),
        TrialEnded(WRONG),
        GenerationStarted(2, 9),
        TuningPhase("confirming"),
    )
    assert all(re.match(r"\[\d+s\] ", line) for line in text.splitlines())
    assert [line.partition("] ")[2] for line in text.splitlines()] == [
        "Autotune random seed: 5",
        "Starting pattern search, at most 60s; this may take a while",
        f"Starting points: {stats_of([OK])}",
        "Skipped Config(block_sizes=[8]): wrong-result: result differs; "
        "autotune_accuracy_check=False (HELION_AUTOTUNE_ACCURACY_CHECK=0) keeps it",
        f"Initial population: {stats_of([OK, SLOW, WRONG])}",
        "Generation 1 starting: 9 configs",
    ]


def test_only_the_first_failures_of_a_kind_are_warnings() -> None:
    text = report_of(*[TrialEnded(WRONG)] * 10)
    assert text.count("Skipped") == 3
    assert text.count("more like it are counted only") == 1
    assert report_of(*[TrialEnded(TIMEOUT)] * 10) == ""
    assert report_of(*[TrialEnded(WRONG)] * 10, quiet_errors=True) == ""


def test_a_bar_is_drawn_over_and_wiped() -> None:
    progress = TuningProgress(1, 1, 3.0, 41.7, 5.0, 5.0, 5.0, improved=True, best_config=None, failures=())
    text = report_of(GenerationStarted(1, 4), TrialEnded(OK), progress, TuningPhase("checking"), bar=True)
    assert re.search(r"\r\x1b\[KInitial population: 25% 1/4 [\d.]+ configs/s, at most 42 s left", text)
    assert "\x1b[K" in text.rpartition("configs/s")[2]
    assert "configs/s" not in report_of(GenerationStarted(1, 4), TrialEnded(OK), progress)
    endless = report_of(GenerationStarted(1, 4), TrialEnded(OK), replace(progress, seconds_left=math.inf), bar=True)
    assert "configs/s" in endless
    assert "left" not in endless


def test_the_table_has_a_row_a_trial(tmp_path: Path) -> None:
    with TrialTable(str(tmp_path / "t")) as table:
        for trial in (OK, TIMEOUT, WRONG):
            table.add(trial)
    rows = list(csv.DictReader((tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["status"] for row in rows] == ["ok", "timeout", "error"]
    assert (rows[0]["perf_ms"], rows[0]["compile_time_s"], rows[1]["perf_ms"]) == ("0.026600", "1.25", "")
