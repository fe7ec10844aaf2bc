"""A diagnostic in, fixes that may be right out: each is tried, and is right where the kernel is better for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from helion.diagnostics.catalog.loops import LoopCarriedTypeChange, LoopDependency, NestedGridLoop, NoDeviceLoop, StatementBetweenLoops
from helion.diagnostics.catalog.names import DeviceVariableReadOnHost, HostVariableModifiedOnDevice
from helion.diagnostics.catalog.products import RoundedAccumulation
from helion.diagnostics.catalog.tiles import FailedToUnpackTile
from helion.diagnostics.diagnostic import Diagnostic, Fix
from helion_lsp.worker.fixes.accumulators import accumulator_fixes
from helion_lsp.worker.fixes.around import Around
from helion_lsp.worker.fixes.carried import carried_fixes
from helion_lsp.worker.fixes.device_results import device_result_fixes
from helion_lsp.worker.fixes.extracted import extracting_fixes
from helion_lsp.worker.fixes.host_memory import host_memory_fixes
from helion_lsp.worker.fixes.loops import loop_fixes
from helion_lsp.worker.fixes.ranks import rank_fixes
from helion_lsp.worker.fixes.trial import Trial
from helion_lsp.worker.fixes.whole_tensors import whole_tensor_fixes

_Guesses = Callable[[Diagnostic, Around], Iterator[Fix]]
_GUESSES: Mapping[type[Diagnostic], tuple[_Guesses, ...]] = {
    HostVariableModifiedOnDevice: (host_memory_fixes,),
    DeviceVariableReadOnHost: (device_result_fixes,),
    LoopCarriedTypeChange: (rank_fixes, carried_fixes),
    RoundedAccumulation: (accumulator_fixes,),
    FailedToUnpackTile: (loop_fixes,),
    StatementBetweenLoops: (loop_fixes, extracting_fixes),
    NoDeviceLoop: (whole_tensor_fixes,),
    NestedGridLoop: (extracting_fixes,),
    LoopDependency: (extracting_fixes,),
}


def can_be_guessed(diagnostic: Diagnostic) -> bool:
    """Whether it is worth asking for `tries`; said of every diagnostic of a check, so it looks at nothing else."""
    return type(diagnostic) in _GUESSES


def tries(diagnostic: Diagnostic, around: Around, trial: Trial) -> Iterator[Fix | None]:
    """A step for each mended kernel that is checked: its fix where that is right; of several with one title the first that is."""
    found = set[str]()
    for guesses in _GUESSES.get(type(diagnostic), ()):
        for guess in guesses(diagnostic, around):
            if guess.title not in found:
                is_right = trial.mends(diagnostic, guess)
                found |= {guess.title} if is_right else set()
                yield guess if is_right else None
