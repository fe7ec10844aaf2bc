"""What is kept of Inductor's answers, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch._inductor.config

from helion.device_ir.element_code import ElementCall, TensorOperand
from helion.device_ir.kept_inductor import KeptInductor, answers_are_of
from helion.device_ir.late_inductor import LATE_INDUCTOR

_CALL = ElementCall(torch.ops.aten.div.Tensor, (TensorOperand(torch.bfloat16, (17, 19)), 3.0), (), 2)


def _without_inductor(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has not imported it, where asking it fails."""
    monkeypatch.setattr("helion.device_ir.kept_inductor.has_imported_inductor", lambda: False)
    monkeypatch.setattr("helion.device_ir.kept_inductor.LATE_INDUCTOR", None)


def test_answers_are_read_as_they_were_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    targets = (torch.ops.aten.exp2.default, torch.ops.aten._softmax.default, torch.ops.aten.to.dtype)
    asked = KeptInductor(tmp_path)
    given = asked.element_program(_CALL), [asked.way_of(target) for target in targets]
    assert given == (LATE_INDUCTOR.element_program(_CALL), [LATE_INDUCTOR.way_of(target) for target in targets])
    _without_inductor(monkeypatch)
    kept = KeptInductor(tmp_path)
    assert (kept.element_program(_CALL), [kept.way_of(target) for target in targets]) == given


def test_inductor_s_own_decompositions_are_asked_for_again(tmp_path: Path) -> None:
    assert KeptInductor(tmp_path).way_of(torch.ops.aten.silu.default).decomposition is not None
    assert not list(tmp_path.iterdir())


def test_answers_under_changed_settings_are_not_kept(tmp_path: Path) -> None:
    with torch._inductor.config.patch({"triton.codegen_upcast_to_fp32": False}):
        KeptInductor(tmp_path).way_of(torch.ops.aten.exp2.default)
    assert not list(tmp_path.iterdir())


def test_files_that_cannot_be_read_or_written_are_a_question_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    KeptInductor(tmp_path).element_program(_CALL)
    for file in tmp_path.iterdir():
        file.write_text('{"steps": 3')
    monkeypatch.setattr("helion.device_ir.kept_inductor.has_imported_inductor", lambda: False)
    assert KeptInductor(tmp_path).element_program(_CALL) == LATE_INDUCTOR.element_program(_CALL)
    no_folder = tmp_path / "file"
    no_folder.touch()
    assert KeptInductor(no_folder).element_program(_CALL) == LATE_INDUCTOR.element_program(_CALL)


def test_variables_of_inductor_tell_answers_apart() -> None:
    assert answers_are_of("3.7.1", ()) != answers_are_of("3.7.1", (("TORCHINDUCTOR_USE_FAST_MATH", "1"),))
