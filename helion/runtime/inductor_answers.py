"""The environment in, who answers for Inductor out: what it told earlier processes, else Inductor itself."""

from __future__ import annotations

from helion.device_ir.kept_inductor import answers_are_of, has_changed_settings, kept_inductor
from helion.device_ir.late_inductor import LATE_INDUCTOR, InductorAdapter
from helion.locks.versions import current_versions
from helion.runtime.environment import cache_directory, inductor_variables, may_use_cache


def inductor_of_environment() -> InductorAdapter:
    """The answers in the cache's folder for the torch, the Triton and the variables of this process; Inductor's own where its settings
    were changed."""
    if not may_use_cache() or has_changed_settings():
        return LATE_INDUCTOR
    return kept_inductor(cache_directory() / "inductor" / answers_are_of(current_versions()["triton"], inductor_variables()))
