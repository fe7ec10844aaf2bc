"""Machine code of NVIDIA's in, the uniform registers out that it reads and that nothing before has set.

ptxas 12.8, of Triton 3.6 and 3.7, at times takes the place of an operand in shared memory for a `wgmma` whose left operand is in registers
from such a register: it drops the copy that would have set it. `mamba2_chunk_scan` in tiles of 64 by 32 reads shared memory out of range
then, or, where the register happens to point into it, another operand. Optimizing less does not help. Both seen on an H200.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from helion.offline.cuobjdump import cuobjdump

# An address, a predicate that is of no interest here, an operation and its operands.
_INSTRUCTION = re.compile(r"^\s*/\*([0-9a-f]{4,})\*/\s+(?:@!?U?P\w+\s+)?(\S+)\s*(.*?)\s*;", re.MULTILINE)
_REGISTER = re.compile(r"\bUR(\d+)\b")
_THREADS_REGISTER = re.compile(r"R\d+\b")
# Operations of the uniform unit with a uniform register as their result, which is their first operand.
_SETS = re.compile(r"(?!UTMA|UBLK|UISETP|UPLOP|UCGABAR)U[A-Z]|R2UR|S2UR|CS2UR|REDUX|VOTEU")
_PLACES = "gdesc["


@dataclass(frozen=True)
class UnsetRegister:
    """A read of `register` by the instruction at an address, in bytes from the start of the function."""

    register: str
    address: int
    instruction: str


def unset_registers_of(cubin: bytes) -> tuple[UnsetRegister, ...]:
    """Raises RuntimeError when the machine code cannot be read."""
    return unset_registers(cuobjdump(cubin, "-sass"))


def unset_registers(listing: str) -> tuple[UnsetRegister, ...]:
    """`listing` is what `cuobjdump -sass` prints of one function, in the order of addresses: what is set further down, in a loop, does not
    count for its first round."""
    return tuple(_unset(listing))


def _unset(listing: str) -> Iterator[UnsetRegister]:
    known: set[int] = set()
    for address, operation, operands in _INSTRUCTION.findall(listing):
        listed = [operand.strip() for operand in operands.split(",")]
        result = _result(operation, listed)
        for register in _read(operation, listed[1:] if result else listed):
            if register not in known:
                yield UnsetRegister(f"UR{register}", int(address, 16), f"{operation} {operands}")
        known |= result


def _result(operation: str, operands: list[str]) -> set[int]:
    """The registers that an operation sets: one, or as many as its result is wide. A predicate may stand before it."""
    if not _SETS.match(operation) or not (found := re.fullmatch(r"UR(\d+)", operands[0])):
        return set()
    width = 2 if ".64" in operation or ".WIDE" in operation else 4 if ".128" in operation else 1
    return {int(found[1]) + offset for offset in range(width)}


def _read(operation: str, operands: list[str]) -> Iterator[int]:
    """Of a `wgmma`'s places each is a pair: the left operand's first, which is not read where registers hold that operand."""
    from_registers = sum(bool(_THREADS_REGISTER.match(operand)) for operand in operands[:2]) > 1
    for operand in operands:
        for number in map(int, _REGISTER.findall(operand)):
            if _PLACES in operand:
                yield from range(number + 2 if from_registers else number, number + 4)
            else:
                yield number
