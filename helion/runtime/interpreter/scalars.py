"""Scalars in Triton's interpreter as they are on a GPU: a bool stays one in an argument and in every lane, a scalar can bound a loop."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from triton import language as tl
from triton.runtime import interpreter


@cache
def correct_interpreter_scalars() -> None:
    """Done once a process, only where the interpreter is in use.

    Version 3.6 turns one-element arrays into ints as numpy no longer does; 3.6 and 3.7 refuse bool arguments: the value they make
    is wider than the type they give it. Both make the operand of `~` as -1, which numpy refuses to write into an unsigned integer, and
    spread what a comparison of scalars gives over a block as numbers of the type that was compared.
    """
    module: Any = interpreter
    patch, convert = module._patch_lang_tensor, module._implicit_cvt

    def index_of(scalar: Any) -> int:
        return int(scalar.handle.data.reshape(()))

    def patch_lang_tensor(tensor: Any, *scope: Any) -> None:
        patch(tensor, *scope)
        tensor.__index__ = index_of

    def implicit_cvt(argument: Any) -> Any:
        if isinstance(argument, bool):
            return tl.tensor(module.TensorHandle(np.array([argument]), tl.int1), tl.int1)
        return convert(argument)

    def all_ones(builder: Any, type_: Any) -> Any:
        dtype = module._get_np_dtype(type_)
        return module.TensorHandle(np.full(1, -1).astype(dtype), type_.scalar)

    splat = module.InterpreterBuilder.create_splat

    def create_splat(builder: Any, type_: Any, value: Any) -> Any:
        if value.data.dtype != np.bool_:
            return splat(builder, type_, value)
        return module.TensorHandle(np.full(type_.shape, value.data), tl.int1)

    module.InterpreterBuilder.get_all_ones_value = all_ones
    module.InterpreterBuilder.create_splat = create_splat
    module._patch_lang_tensor = patch_lang_tensor
    module._implicit_cvt = implicit_cvt
