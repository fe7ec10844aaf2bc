"""How generated code is written out for others to run."""

from __future__ import annotations

from dataclasses import dataclass

from helion import exc


@dataclass(frozen=True)
class OutputCodeOptions:
    """For `BoundKernel.to_code`. Without `allow_helion_deps` the module needs torch and triton only. `jax_fn`, a function for JAX, is of
    another backend: raises `exc.BackendUnsupported`."""

    allow_helion_deps: bool = True
    jax_fn: bool = False

    def __post_init__(self) -> None:
        if self.jax_fn:
            raise exc.BackendUnsupported("jax_fn=True: generated code is Triton, which JAX does not call")
