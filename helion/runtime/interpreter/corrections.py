"""A loaded module for Triton's interpreter to run in, everything that is wrong or lacking there put right.

It imports Triton: only who runs under the interpreter asks for it, so that code which is only read waits for none.
"""

from __future__ import annotations

from typing import Any

from helion.runtime.interpreter.atomics import correct_interpreter_atomics
from helion.runtime.interpreter.bfloat16 import correct_interpreter_bfloat16
from helion.runtime.interpreter.dot import correct_interpreter_dot
from helion.runtime.interpreter.float8 import correct_interpreter_float8
from helion.runtime.interpreter.libdevice import InterpretedLibdevice
from helion.runtime.interpreter.reductions import correct_interpreter_reductions
from helion.runtime.interpreter.scalars import correct_interpreter_scalars


def correct_interpreter(loaded: Any) -> None:
    """Corrects the interpreter of this process once, and gives the generated module `loaded` the functions that it lacks."""
    loaded.libdevice = InterpretedLibdevice()
    correct_interpreter_dot()
    correct_interpreter_atomics()
    correct_interpreter_bfloat16()
    correct_interpreter_float8()
    correct_interpreter_reductions()
    correct_interpreter_scalars()
