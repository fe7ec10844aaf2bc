"""`helion.exc`: every public name can be caught, and what is said to be raised, or never to be, is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helion import exc
from helion.diagnostics import catalog

ROOT = Path(__file__).parents[2]
ERRORS = [
    "NotInsideKernel",
    "DeviceAPIOnHost",
    "NotAllowedOnDevice",
    "NotAllowedInHelperFunction",
    "NoDeviceLoopsInKernel",
    "EmptyDeviceLoopAfterDCE",
    "NestedKernelCallsNotSupported",
    "NoTensorArgs",
    "ClosuresNotSupported",
    "NamingConflict",
    "DecoratorAfterHelionKernelDecorator",
    "ClosureMutation",
    "GlobalMutation",
    "LoopFunctionNotInFor",
    "NestedGridLoop",
    "TopLevelStatementBetweenLoops",
    "LoopDependencyError",
    "NestedDeviceLoopsConflict",
    "DeviceLoopElseBlock",
    "InvalidDeviceForLoop",
    "InvalidTileRange",
    "TileOfTile",
    "FailedToUnpackTile",
    "IncorrectTileUsage",
    "OverpackedTile",
    "ControlFlowTensorMismatch",
    "CantCombineTypesInControlFlow",
    "BreakpointInDeviceLoopRequiresInterpret",
    "BarrierOnlyAllowedAtTopLevel",
    "BarrierRequiresPersistent",
    "InvalidJaggedTileUsage",
    "RankMismatch",
    "InvalidIndexingType",
    "InvalidSequenceSubscription",
    "DataDependentOutputShapeNotSupported",
    "UnsupportedSplitOperation",
    "ShapeMismatch",
    "HostTensorDirectUsage",
    "IndexOffsetOutOfRangeForInt32",
    "InputTensorNumelExceedsIndexType",
    "ReductionOnNonTile",
    "InvalidReductionDim",
    "MultipleReductionDims",
    "ReductionDimInvalidForShape",
    "DotBatchDimensionMismatch",
    "AtomicOnDeviceTensor",
    "StackTensorcOnHost",
    "StackTensorDevPtrOnHost",
    "StackTensorDevPtrDtype",
    "StackTensorExampleOnDevice",
    "CannotModifyHostVariableOnDevice",
    "CannotReadDeviceVariableOnHost",
    "CantReadOnDevice",
    "DeviceTensorSubscriptAssignmentNotAllowed",
    "RequiresTensorInAssignment",
    "NonTensorSubscriptAssign",
    "AssignmentMultipleTargets",
    "InvalidAssignment",
    "FailedToUnpackTupleAssign",
    "StarredArgsNotSupportedOnDevice",
    "UndefinedVariable",
    "UnsupportedPythonType",
    "StatementNotSupported",
    "TypeInferenceError",
    "TracedArgNotSupported",
    "InvalidAPIUsage",
    "GraphModuleUnsupportedOps",
    "SpecializeOnDevice",
    "SpecializeArgType",
    "ShapeSpecializingCall",
    "ShapeSpecializingAllocation",
    "RegisterTunableArgTypes",
    "TunableTypeNotSupported",
    "TunableNameConflict",
    "ConfigSpecFragmentWithSymInt",
    "InvalidConfig",
    "NotEnoughConfigs",
    "NoConfigFound",
    "AutotuneError",
    "CacheAssertionError",
    "AutotuningDisallowedInEnvironment",
    "TritonError",
    "TritonUnrecoverableRuntimeError",
    "InductorLoweringError",
    "TorchOpTracingError",
    "InternalError",
    "BackendImplementationMissing",
    "BackendUnsupported",
    "ErrorCompilingKernel",
    "RefEagerModeCodePrintError",
    "IncompatibleInterpretModes",
    "DuplicateStoreIndicesError",
    "AutodiffKernelNotCalled",
    "AutodiffNotSupported",
]
WARNINGS = [
    "TensorOperationInWrapper",
    "TensorOperationsInHostCall",
    "WrongDevice",
    "TiledKMatmulAccumulationWarning",
    "BlockSizeIgnoredInInterpretMode",
    "NoAOTHeuristicWarning",
]


@pytest.mark.parametrize("name", ERRORS)
def test_errors_can_be_caught(name: str) -> None:
    assert issubclass(getattr(exc, name), exc.BaseError)
    assert issubclass(getattr(exc, name), exc.Base | RuntimeError)


@pytest.mark.parametrize("name", WARNINGS)
def test_warnings_can_be_silenced(name: str) -> None:
    assert issubclass(getattr(exc, name), exc.BaseWarning)


def test_what_is_never_raised_is_not() -> None:
    """A name leaves the list when something begins to raise it."""
    never = exc.never_raised()
    assert never & {cls.exception for cls in catalog.ALL} == set()
    assert never & _raised_by_name() == set()
    assert never <= {*ERRORS, *WARNINGS}


def test_what_is_not_on_that_list_is_raised() -> None:
    raised = {cls.exception for cls in catalog.ALL} | _raised_by_name()
    assert {*ERRORS, *WARNINGS} - exc.never_raised() - raised == set()


def _raised_by_name() -> set[str]:
    files = ROOT / "helion"
    text = "\n".join(path.read_text("utf-8") for path in files.rglob("*.py") if path != files / "exc.py")
    return set(re.findall(r"\bexc\.([A-Z]\w+)\(", text))
