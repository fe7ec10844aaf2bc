"""The constants of the model, each with its source; what is fitted says so. Rates per multiprocessor follow from the target's peaks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameters:
    """Latencies in seconds, rates relative to the target's lane rate (simple operations a second on one multiprocessor).

    One lane rate is 128 lanes a cycle on Hopper, so a rate of 1 byte a lane operation is 128 bytes a cycle.
    """

    # Latency of device memory and of an L2 hit under load. Hopper: about 480 and 160 ns idle (published microbenchmarks of the
    # H100's memory hierarchy), half as much again under load.
    memory_latency: float = 0.75e-6
    cache_latency: float = 0.28e-6
    # A reduction across the warps of a program: shuffles, a round through shared memory and two barriers. Fitted.
    reduction_latency: float = 0.12e-6
    # Issuing one product and waiting for it, beyond its time on the tensor cores. Fitted.
    dot_latency: float = 0.04e-6
    # Starting and ending one program: scheduling, arguments, index arithmetic, draining stores. Fitted.
    program_latency: float = 0.7e-6
    # Programs that all multiprocessors together can start in a second. Fitted.
    program_starts: float = 1.5e9
    # One launch as device events see it: the fixed cost of an empty kernel.
    launch: float = 2.2e-6
    # Share of peak bandwidth that streaming kernels reach: copies are what the target's figure was measured with.
    memory_efficiency: float = 0.97
    # L2 to multiprocessor: 64 bytes a cycle by design; a tuned 8192-cube product on the H200 sustains about 40 of them.
    cache_bytes: float = 0.45
    # How much more than its share of the memory one multiprocessor can draw when the others leave it some. Fitted.
    lone_draw: float = 3.0
    # Shared memory: 128 bytes a cycle.
    shared_bytes: float = 1.0
    # Transcendental unit: 16 lanes a cycle of 128.
    special_rate: float = 0.125
    # Instructions issued around one simple operation on a lane (moves, conversions, predicates). Fitted.
    vector_overhead: float = 1.6
    # Address arithmetic and masks of one thread's access of up to 16 bytes, in lane operations. Fitted.
    access_operations: float = 6.0
    # Share of the tensor cores' peak that tuned products sustain, and that one, two or more groups of four warps can keep busy:
    # the tensor cores wait while a lone group issues, waits for its operands or runs its epilogue. Fitted.
    tensor_efficiency: float = 0.98
    lone_group_efficiency: float = 0.78
    two_group_efficiency: float = 0.94
    # Hopper's older `mma` instructions and their operands' way through registers: published ratios are 0.6 to 0.65.
    mma_efficiency: float = 0.62
    # Part of the lesser demands that does not overlap with the greatest one. Fitted.
    unoverlapped: float = 0.12
    # The least gain, as a share of the time before, that the model can tell from its own error: four in five that it estimated so large
    # over a config of the faster half were real on the H200, fewer of smaller ones. Measured: `claims` of model_correlation.json.
    resolution: float = 0.54


DEFAULT_PARAMETERS = Parameters()
