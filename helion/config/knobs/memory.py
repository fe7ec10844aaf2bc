"""`indexing` and `load_eviction_policies`: how each access reaches memory and what stays in the cache."""

from __future__ import annotations

from helion.config.knobs.knob import Knob, Slot, one_of
from helion.device_ir.ir import DeviceIR
from helion.target import Target

_MADE_OR_NOT = one_of(False, True)
_STRATEGIES = ("pointer", "block_ptr", "tensor_descriptor")


def _indexing(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    accepts, words = one_of(*_STRATEGIES)
    tried = ("pointer", "tensor_descriptor") if target.has_tensor_descriptor else ("pointer", "block_ptr")
    return tuple(
        Slot(s.name, s.span, "pointer", tried if s.can_use_block_pointer else ("pointer",), accepts, words)
        for s in ir.memory_sites
        if s.indexing_index is not None
    )


def _atomic_indexing(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    accepts, words = one_of(*_STRATEGIES)
    tried = ("pointer", "tensor_descriptor") if target.has_tensor_descriptor else ("pointer",)
    return tuple(
        Slot(s.name, s.span, "pointer", tried if s.can_use_block_pointer else ("pointer",), accepts, words)
        for s in ir.memory_sites
        if s.atomic_index is not None
    )


def _device_descriptors(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    if not target.has_tensor_descriptor or not any(s.may_be_cut and s.can_use_block_pointer for s in ir.memory_sites):
        return ()
    return (Slot("kernel", None, False, (False, True), *_MADE_OR_NOT),)


def _eviction(ir: DeviceIR, target: Target) -> tuple[Slot, ...]:
    accepts, words = one_of("", "first", "last")
    return tuple(Slot(s.name, s.span, "", ("", "first", "last"), accepts, words) for s in ir.memory_sites if s.load_index is not None)


INDEXING = Knob(
    "indexing",
    "How each load and store addresses memory, in program order: `pointer` always works, `block_ptr` and `tensor_descriptor` (the bulk "
    "tensor copy engine) where the access is a rectangle; one string stands for every access.",
    _indexing,
    is_list=True,
    spreads=True,
)
ATOMIC_INDEXING = Knob(
    "atomic_indexing",
    "How each atomic addresses memory, in program order: `tensor_descriptor` reduces a rectangle by the bulk tensor copy engine where "
    "nobody reads the previous values; anything else, and any access that is not a rectangle, uses pointers.",
    _atomic_indexing,
    is_list=True,
    spreads=True,
)
DEVICE_DESCRIPTORS = Knob(
    "device_descriptors",
    "Whether `tensor_descriptor` also moves tiles that end before their tensor does, as groups of rows one behind another: the kernel "
    "makes a descriptor for each end, in memory that is allocated for it. Otherwise these use pointers.",
    _device_descriptors,
    valid=_MADE_OR_NOT,
)
LOAD_EVICTION_POLICIES = Knob(
    "load_eviction_policies",
    "Which loads leave the cache first or last, in program order of the loads that do not say so themselves; empty for no wish.",
    _eviction,
    is_list=True,
    alias="load_eviction_policy",
)
