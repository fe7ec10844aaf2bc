"""Every diagnostic there is, one frozen class a code, listed explicitly; the docstring of each is its manual page."""

from __future__ import annotations

from types import MappingProxyType

from helion.diagnostics.catalog import arguments, config, indexing, loops, names, products, python, runtime, shapes, tiles, tunables, tuning
from helion.diagnostics.diagnostic import Diagnostic

ALL: tuple[type[Diagnostic], ...] = (
    names.UndefinedName,
    names.HostVariableModifiedOnDevice,
    names.DeviceVariableReadOnHost,
    names.DeviceApiOnHost,
    names.HostApiOnDevice,
    shapes.ShapeMismatch,
    shapes.DotShapeMismatch,
    shapes.DotOperandType,
    products.DotBatchMismatch,
    products.DotAccumulatorType,
    products.DotOperandsDiffer,
    products.Float8Matmul,
    products.RoundedAccumulation,
    products.ScaledDotArguments,
    shapes.ConditionNotScalar,
    shapes.TorchError,
    shapes.UnsupportedTorchCall,
    indexing.RankMismatch,
    indexing.StoredRankMismatch,
    indexing.InvalidIndex,
    indexing.DeviceValueIndex,
    indexing.BooleanIndex,
    indexing.OverpackedTile,
    indexing.SequenceIndexNotConstant,
    indexing.NotStorable,
    indexing.StoreToNonTensor,
    indexing.StoreToDeviceValue,
    indexing.IndexTypeTooSmall,
    indexing.OffsetTooLarge,
    indexing.HostTensorUsedDirectly,
    arguments.AtomicOnDeviceTensor,
    arguments.InvalidArgument,
    tiles.FailedToUnpackTile,
    tiles.InvalidTileRange,
    tiles.TileOfTile,
    tiles.TileMisuse,
    tiles.StaticRangeNotConstant,
    tiles.JaggedTileMisuse,
    loops.NoDeviceLoop,
    loops.StatementBetweenLoops,
    loops.NestedGridLoop,
    loops.LoopFunctionNotInFor,
    loops.InvalidDeviceLoop,
    loops.LoopElse,
    loops.LoopCarriedTypeChange,
    loops.MisplacedBarrier,
    loops.LoopDependency,
    loops.NestedLoopsShareBlock,
    loops.EmptyDeviceLoop,
    python.SyntaxProblem,
    python.UnsupportedStatement,
    python.NotAllowedOnDevice,
    python.CallMismatch,
    python.UnknownAttribute,
    python.NestedKernelCall,
    config.UnknownConfigKey,
    config.ConfigListLength,
    config.ConfigValue,
    config.BarrierNeedsPersistent,
    runtime.SourceUnavailable,
    runtime.UnsupportedArgument,
    runtime.BadSignature,
    runtime.InternalProblem,
    runtime.TensorsOnCpu,
    runtime.SizesDiffer,
    tunables.TunableNameConflict,
    tunables.RegisterTunableArguments,
    tunables.FragmentArguments,
    tunables.TunableTypeNotSupported,
    tuning.NoConfigFound,
    tuning.ResultsDiffer,
    tuning.TuningUnavailable,
)

_BY_CODE = MappingProxyType({cls.code: cls for cls in ALL})


def find(code: str) -> type[Diagnostic] | None:
    """The diagnostic of a code."""
    return _BY_CODE.get(code)
