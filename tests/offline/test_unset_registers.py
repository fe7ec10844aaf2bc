"""Uniform registers that machine code reads and nothing has set: a fault of ptxas, found before a kernel runs."""

from __future__ import annotations

import pytest

from helion.offline.artifact import Artifact, CompileFailure
from helion.target import find_target
from tests.offline import triton_modules

pytest.importorskip("triton")
from helion.offline import compile as offline_compile
from helion.offline.unset_registers import UnsetRegister, unset_registers, unset_registers_of

# Of `mamba2_chunk_scan` in tiles of 64 by 32 for sm_90, by ptxas 12.8.93: UR15 should have been a copy of UR20.
_BEFORE = """
        /*0820*/                   ULEA UR8, UR5, UR8, 0x18 ;
        /*0840*/                   USHF.R.U32.HI UR20, URZ, 0x4, UR8 ;
        /*0860*/                   USGXT.U32 UR20, UR20, 0xe ;
        /*0870*/                   USGXT.U32 UR22, UR4, 0xe ;
        /*0880*/                   UMOV UR21, 0x40000040 ;
        /*0890*/                   UMOV UR23, 0x40000040 ;
        /*0a00*/                   HGMMA.64x32x16.F32.BF16 R24, gdesc[UR20], RZ, !UPT ;
"""
_LOST = """
        /*0b40*/                   UIADD3 UR22, UP0, UR15, 0x40, URZ ;
        /*0b70*/                   UIADD3.X UR23, UR15, -0x7fffffe0, URZ, UP0, !UPT ;
"""
_AFTER = """
        /*1240*/               @P0 R2UR UR28, R18 ;
        /*2210*/                   UMOV UR38, UR20 ;
        /*2220*/                   UMOV UR39, 0x80000020 ;
        /*2300*/                   HGMMA.64x32x16.F32.BF16 R24, R40, gdesc[UR36].tnspB, R24 ;
        /*2310*/                   HGMMA.64x32x16.F32.BF16 R24, R44, gdesc[UR20].tnspB, R24, gsb0 ;
"""


def known(listing: str, *registers: int) -> str:
    return "".join(f"        /*0000*/    UMOV UR{register}, URZ ;\n" for register in registers) + listing


def test_a_copy_that_was_dropped_is_found() -> None:
    found = unset_registers(known(_BEFORE + _LOST + _AFTER, 4, 5, 8))
    assert {read.register for read in found} == {"UR15"}
    assert found[0] == UnsetRegister("UR15", 0xB40, "UIADD3 UR22, UP0, UR15, 0x40, URZ")


def test_what_is_set_is_not() -> None:
    assert not unset_registers(known(_BEFORE + _LOST + _AFTER, 4, 5, 8, 15))
    assert not unset_registers(known(_BEFORE + _AFTER, 4, 5, 8)), "registers hold the left operand: its place, UR36, is not read"


def test_every_place_of_two_operands_in_shared_memory_is_read() -> None:
    found = unset_registers(known("        /*0a00*/   HGMMA.64x32x16.F32.BF16 R24, gdesc[UR20], RZ, !UPT ;", 20, 21))
    assert [read.register for read in found] == ["UR22", "UR23"]


def test_pairs_are_set_at_once() -> None:
    assert not unset_registers(known("        /*0010*/   UIADD3.64 UR28, UR16, 0x2, URZ ;\n        /*0020*/   UMOV UR1, UR29 ;", 16))


def test_a_kernel_with_such_a_read_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    target = find_target("sm_90")
    right = offline_compile.compile_module(triton_modules.matmul(), target)
    assert isinstance(right, Artifact)
    assert not unset_registers_of(right.binary)
    read = UnsetRegister("UR15", 0xB40, "UIADD3 UR22, UP0, UR15, 0x40, URZ")
    monkeypatch.setattr(offline_compile, "unset_registers_of", lambda _: (read,))
    assert isinstance(offline_compile.compile_module(triton_modules.matmul(), target), Artifact), "both operands are in shared memory"
    monkeypatch.setattr(offline_compile, "multiplies_from_registers", lambda _: True)
    wrong = offline_compile.compile_module(triton_modules.matmul(), target)
    assert isinstance(wrong, CompileFailure)
    assert (wrong.kind, "UR15" in wrong.message, "TRITON_PTXAS_PATH" in wrong.message) == ("miscompiled", True, True)
    assert isinstance(offline_compile.compile_module(triton_modules.matmul(), find_target("gfx950")), Artifact)
