"""A signature whose ranks the text leaves open in, all the signatures that it may stand for out, the likeliest first."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from helion.signatures.representative import has_known_ranks
from helion.signatures.signature import KernelSignature, ParameterType
from helion.types.dims import SizeSymbol, size_symbol
from helion.types.types import DimOrigin, Region, Star, TensorType

_MOST_RANK = 4
_MOST_OPEN = 3


def possible_ranks(signature: KernelSignature) -> Iterator[KernelSignature]:
    """Every rank up to four for each tensor of an open one, first the same for all; none where they are too many or in a list."""
    open_ = [name for name, p in signature.parameters.items() if isinstance(p.type, TensorType) and p.type.rank is None]
    if len(open_) > _MOST_OPEN or not has_known_ranks(_with_ranks(signature, dict.fromkeys(open_, 1))):
        return
    ranks = range(1, _MOST_RANK + 1)
    same = [(rank,) * len(open_) for rank in ranks]
    for chosen in dict.fromkeys((*same, *itertools.product(ranks, repeat=len(open_)))):
        yield _with_ranks(signature, dict(zip(open_, chosen, strict=True)))


def _with_ranks(signature: KernelSignature, ranks: dict[str, int]) -> KernelSignature:
    parameters: dict[str, ParameterType] = dict(signature.parameters)
    origins = dict(signature.dim_origins)
    for name, rank in ranks.items():
        type_ = parameters[name].type
        assert isinstance(type_, TensorType), "only these have a rank"
        known = sum(not isinstance(size, Star) for size in type_.shape)
        sizes = [size_symbol(f"{name}.{position}") for position in range(max(0, rank - known))]
        shape = tuple(new for size in type_.shape for new in (sizes if isinstance(size, Star) else (size,)))
        parameters[name] = replace(parameters[name], type=TensorType(shape, type_.dtype, Region.HOST))
        for position, size in enumerate(shape):
            if isinstance(size, SizeSymbol):
                words = f"size {position} of `{name}`"
                origins.setdefault(size, DimOrigin(words, None, f"{name}.size({position})"))
    return replace(signature, parameters=parameters, dim_origins=origins)
