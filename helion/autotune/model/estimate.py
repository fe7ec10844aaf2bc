"""Work, resources and a target in, an estimate in µs with its parts out: a roofline a multiprocessor, with latency and waves.

A wave of `b` programs a multiprocessor takes the longest of: what they demand of its busiest unit together, and one program's own
chain of latencies. What a program demands of its units in seconds, alone on a multiprocessor, is `Demands`. Not modelled: bank
conflicts, partition camping, clocks that drop with power, instruction caches, TMA multicast.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from helion.autotune.model.parameters import DEFAULT_PARAMETERS, Parameters
from helion.autotune.model.resources import Resources
from helion.autotune.model.traffic import traffic_of
from helion.autotune.model.work import BlockWork, DotWork, Work
from helion.target import Target

_HOPELESS = 1e12
_ACCESS_BYTES = 16
_WARPS_A_GROUP = 4
# Hopper and data-centre Blackwell reach their peak by wgmma and tcgen05 only.
_HAVE_BETTER_THAN_MMA = (9, 10)


@dataclass(frozen=True)
class Demands:
    """Seconds one tile needs of each unit of a multiprocessor that it has to itself."""

    memory: float
    cache: float
    shared: float
    tensor: float
    vector: float
    spills: float

    def busiest(self, parameters: Parameters) -> float:
        """The throughput bound of a tile among many: the greatest demand, and some of the rest."""
        values = sorted(asdict(self).values())
        return values[-1] + parameters.unoverlapped * sum(values[:-1])


@dataclass(frozen=True)
class Estimate:
    """An estimate, never a measurement. `parts` are shares of the busiest multiprocessor's time in µs; `bound` names the largest."""

    microseconds: float
    bound: str
    parts: dict[str, float]


def estimate(work: Work, resources: Resources, target: Target, parameters: Parameters = DEFAULT_PARAMETERS) -> Estimate:
    """The time of one launch of one grid loop."""
    if resources.blocks == 0:
        return Estimate(_HOPELESS, "resources", {})
    tiles = work.grid.tiles
    if tiles == 0:
        return Estimate(parameters.launch * 1e6, "launch", {})
    resident = _resident(work, resources, target)
    demands = _demands(work, resources, resident * target.multiprocessors, target, parameters)
    chain = _latency_chain(work, demands, lane_rate(target), parameters)
    throughput = demands.busiest(parameters)
    seconds = _waves(work, tiles, resident, throughput, chain, target)
    starts = work.grid.resident_programs or tiles
    seconds = max(seconds, starts / parameters.program_starts) + parameters.launch
    share = tiles / target.multiprocessors
    parts = {name: value * share * 1e6 for name, value in asdict(demands).items()}
    parts["latency"] = chain * share / resident * 1e6
    return Estimate(seconds * 1e6, max(parts, key=lambda name: parts[name]), parts)


def _resident(work: Work, resources: Resources, target: Target) -> int:
    """Programs that share a multiprocessor, on average over the launch."""
    programs = work.grid.resident_programs or work.grid.tiles
    return max(1, min(resources.blocks, math.ceil(programs / target.multiprocessors)))


def _waves(work: Work, tiles: int, resident: int, throughput: float, chain: float, target: Target) -> float:
    """Time of the busiest multiprocessor."""
    if work.grid.resident_programs is not None:
        programs = min(work.grid.resident_programs, tiles)
        rounds = math.ceil(math.ceil(programs / target.multiprocessors) / resident)
        return rounds * math.ceil(tiles / programs) * max(resident * throughput, chain)
    slots = resident * target.multiprocessors
    full, rest = divmod(tiles, slots)
    last = math.ceil(rest / target.multiprocessors)
    # Programs do not wait for a wave to end: the last, partial one costs its own throughput but only part of a chain of latencies.
    tail = max(last * throughput, chain) if rest else 0.0
    return full * max(resident * throughput, chain) + tail


def _demands(work: Work, resources: Resources, concurrent: int, target: Target, parameters: Parameters) -> Demands:
    tiles = work.grid.tiles
    lanes = lane_rate(target)
    traffic = traffic_of(work, concurrent, target)
    memory_rate = target.memory_bandwidth * parameters.memory_efficiency / target.multiprocessors
    iterations = sum(block.executions for block in work.blocks)
    threads = work.num_warps * target.warp_size
    spilled = 2 * resources.local_bytes * threads * max(1.0, iterations)
    return Demands(
        memory=traffic.memory / tiles / memory_rate,
        cache=traffic.cache / tiles / (lanes * parameters.cache_bytes),
        shared=sum(_shared_bytes(dot, work.num_warps) for dot in work.dots) / (lanes * parameters.shared_bytes),
        tensor=sum(_tensor_seconds(dot, work, resources, target, parameters) for dot in work.dots),
        vector=_vector_seconds(work, lanes, threads, iterations, parameters),
        spills=spilled / (lanes * parameters.shared_bytes),
    )


def lane_rate(target: Target) -> float:
    """Simple operations a second of one multiprocessor; peak rates count a multiply-add as two."""
    return target.vector_flops_f32 / 2 / target.multiprocessors


def _shared_bytes(dot: DotWork, num_warps: int) -> float:
    """Operands read from shared memory: groups of four warps divide the rows, then the columns; each reads its part of A and of B."""
    groups = max(1, num_warps // _WARPS_A_GROUP)
    across_rows = max(1, min(groups, dot.m // 64))
    elements = groups // across_rows * dot.m * dot.k + across_rows * dot.k * dot.n
    return dot.batch * dot.executions * elements * dot.bits / 8


def _tensor_seconds(dot: DotWork, work: Work, resources: Resources, target: Target, parameters: Parameters) -> float:
    flops = 2.0 * dot.batch * dot.m * dot.n * dot.k * dot.executions
    if resources.tensor_core is None:
        return flops / 2 / lane_rate(target)
    peak = target.tensor_core_flops_16bit * 16 / dot.bits / target.multiprocessors
    efficiency = parameters.tensor_efficiency
    if resources.tensor_core == "mma" and target.capability // 10 in _HAVE_BETTER_THAN_MMA:
        efficiency *= parameters.mma_efficiency
    groups = resources.blocks * max(1, work.num_warps // _WARPS_A_GROUP)
    busy = parameters.lone_group_efficiency if groups == 1 else parameters.two_group_efficiency if groups == 2 else 1.0
    return flops / (peak * efficiency * busy)


def _vector_seconds(work: Work, lanes: float, threads: int, iterations: float, parameters: Parameters) -> float:
    """Lanes compute, the special unit computes beside them, and every access has its address and mask."""
    accesses = sum(
        max(threads, access.bytes / min(_ACCESS_BYTES, max(access.contiguous_bytes, 1))) * access.executions for access in work.memory
    )
    lane_operations = work.vector_operations * parameters.vector_overhead + accesses * parameters.access_operations
    lane_operations += iterations * threads * parameters.access_operations
    return max(lane_operations / lanes, work.special_operations / (lanes * parameters.special_rate))


def _latency_chain(work: Work, demands: Demands, lanes: float, parameters: Parameters) -> float:
    """One program from start to end if it were alone: what it computes in order, and what it stands still for."""
    share = _issue_share(work.num_warps)
    # Addresses are computed while the tensor cores and the memory work; what is computed on their results is not.
    math_seconds = max(work.vector_operations * parameters.vector_overhead, work.special_operations / parameters.special_rate) / lanes
    compute = demands.tensor + math_seconds / share + demands.spills
    iterations = sum(block.executions for block in work.blocks) or 1.0
    stalls = sum(_stall(block, compute / iterations, parameters) for block in work.blocks)
    moved = sum(access.bytes * access.executions for access in work.memory)
    waited = sum(access.bytes * access.executions for access in work.memory if not access.pipelined)
    transfer = max(demands.memory, demands.cache) / parameters.lone_draw * (waited / moved if moved else 0.0)
    return parameters.program_latency + compute + stalls + transfer


def _issue_share(num_warps: int) -> float:
    """Share of a multiprocessor's issue slots that one program fills: it has four schedulers, and one warp on each leaves gaps."""
    return min(1.0, num_warps / 4) * min(1.0, 0.35 + num_warps / 16)


def _stall(block: BlockWork, compute: float, parameters: Parameters) -> float:
    """Seconds a program stands still in one basic block, over all its executions."""
    own = block.reductions * parameters.reduction_latency + block.dots * parameters.dot_latency
    chain = own * block.executions
    if block.pipelined_stages > 1:
        exposed = max(0.0, parameters.cache_latency / (block.pipelined_stages - 1) - compute)
        return chain + parameters.memory_latency + exposed * block.executions
    # The first wait goes to memory; repeated ones mostly find the neighbours' lines in the L2.
    waits = block.waits * (parameters.memory_latency + max(0.0, block.executions - 1) * _again(parameters))
    return chain + (waits if block.executions > 1 else block.waits * parameters.memory_latency)


def _again(parameters: Parameters) -> float:
    return (parameters.memory_latency + parameters.cache_latency) / 2
