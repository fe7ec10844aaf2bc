"""One kernel in reference mode: every call runs its function eagerly; there is nothing to compile, to tune or to print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from helion.config.config import Config
from helion.locks.explanation import Explanation
from helion.reference.run import reference_function
from helion.signatures.notation import notation_of_arguments

if TYPE_CHECKING:
    from helion.runtime.kernel import Kernel


class BoundReference:
    """What `bind` gives when `ref_mode` is EAGER."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.settings = kernel.settings
        self.configs = kernel.configs
        self.run = self.run_unwatched = reference_function(kernel.fn, self._config())

    def __call__(self, *args: Any) -> Any:
        return self.run(*args)

    def run_ref(self, *args: Any) -> Any:
        return self.run(*args)

    def _config(self) -> Config:
        return self.configs[0] if self.configs else Config()

    def autotune(self, args: Sequence[Any], *, force: bool = True, **options: Any) -> Config:
        """The first config there is: eager runs have no speed to tune."""
        return self._config()

    def explain(self, args: Sequence[Any]) -> Explanation:
        reason = "runs eagerly (ref_mode is EAGER): no config is used"
        return Explanation(self.kernel.name, reason, None, notation_of_arguments(args))

    def to_triton_code(self, config: Any = None, **options: Any) -> str:
        """Raises RuntimeError: there is no generated code."""
        raise RuntimeError(f"{self.kernel.name} runs eagerly: there is no generated code")
