"""A log in, what panels and reports show of it out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helion.config.config import Config
from helion.trials.facts import facts_of, rows_of
from helion.trials.record import TuningRecord, read_header, read_record
from helion.trials.trial import Failure, Outcome, Trial

HEADER = {"kernel": "add", "method": "model", "device": "sm_90", "signature": "f32[8]", "sites": {"block_sizes": ["tile"]}}


def tried(index: int, block: int, us: float | None, *, code: str, warps: int = 4) -> Trial:
    failure = None if us is not None else Failure("out-of-resources", "first line\nshared memory: too much")
    resources = {"registers": 32, "shared_memory": 2048} if us is not None else {}
    config = Config(block_sizes=[block], num_warps=warps)
    return Trial(index, config, code, Outcome(us, 0.1, failure, resources, 0.5), 0)


TRIALS = (
    tried(0, 16, 20.0, code="a"),
    tried(1, 32, 10.0, code="b"),
    tried(2, 64, None, code="c"),
    tried(3, 32, 8.0, code="d", warps=8),
    tried(4, 16, 15.0, code="e", warps=8),
)
RECORD = TuningRecord(HEADER, TRIALS, {"code": "d", "us": 8.1})


def test_facts_say_what_was_found_and_that_it_is_estimated() -> None:
    facts = facts_of(RECORD)
    assert (facts["trials"], facts["failed"], facts["best_us"], facts["default_us"]) == (5, 1, 8.0, 20.0)
    assert facts["estimated"] is True
    assert facts["winner"] == 4
    assert facts["best_so_far"] == [(1, 20.0), (2, 10.0), (4, 8.0)]
    assert facts["changes"] == [("block_sizes[tile]", "16", "32"), ("num_warps", "4", "8")]
    assert [found["kind"] for found in facts["failures"]] == ["out-of-resources"]
    assert {found["knob"] for found in facts["influence"]} == {"block_sizes[tile]", "num_warps"}


def test_rows_go_on_after_those_that_are_known() -> None:
    assert [row["number"] for row in rows_of(RECORD)] == [1, 2, 3, 4, 5]
    third, fourth = rows_of(RECORD, 2)[:2]
    assert third["failure"] == {"kind": "out-of-resources", "message": "first line\nshared memory: too much"}
    assert (third["number"], third["us"], third["registers"]) == (3, None, None)
    assert (fourth["us"], fourth["registers"], fourth["shared_memory"]) == (8.0, 32, 2048)
    assert fourth["config"] == {"block_sizes": [32], "num_warps": 8}


def test_a_tuning_without_an_end_has_no_winner() -> None:
    assert facts_of(TuningRecord(HEADER, TRIALS, {}))["winner"] is None
    assert facts_of(TuningRecord(HEADER, (), {}))["best_us"] is None


def test_facts_survive_json() -> None:
    facts = json.loads(json.dumps({**facts_of(RECORD), "rows": rows_of(RECORD)}))
    assert facts["rows"][1]["changes"] == [["block_sizes[tile]", "16", "32"]]


def test_the_header_is_read_alone(tmp_path: Path) -> None:
    log = tmp_path / "add-1.jsonl"
    log.write_text("\n".join(json.dumps(line) for line in ({"kind": "header", **HEADER}, *(t.to_json() for t in TRIALS))), encoding="utf-8")
    header = read_header(log)
    record = read_record(log)
    assert record is not None
    assert header == record.header
    assert facts_of(record)["trials"] == 5


@pytest.mark.parametrize("text", ["", "no JSON\n", '{"kind": "trial"}\n', "[]\n"])
def test_what_is_no_log_has_no_header(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(text, encoding="utf-8")
    assert read_header(path) is None
