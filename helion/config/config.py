"""One point of a kernel's search space: an immutable mapping of knobs to values, by the public API's names."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from helion.types.untyped import is_mapping, is_sequence

_ATTRIBUTE_DEFAULTS: Mapping[str, object] = {"num_warps": 4, "num_stages": 1, "pid_type": "flat"}
_LISTS = (
    "loop_orders",
    "flatten_loops",
    "l2_groupings",
    "reduction_loops",
    "range_unroll_factors",
    "range_num_stages",
    "range_multi_buffers",
    "range_flattens",
    "range_warp_specializes",
    "static_ranges",
    "load_eviction_policies",
    "indexing",
)


class _Space(Protocol):
    """What can be tuned of a kernel: its `config_spec`."""

    def minimize(self, config: Mapping[str, Any], /) -> Config: ...


class Config(Mapping[str, object]):
    """`Config(block_sizes=[128, 64], num_warps=8)`: keyword only; keys whose value is None are dropped.

    Keys are those of `helion.config.knobs` and the names of `register_tunable`. Whether they fit a kernel is for its space to say.
    """

    config: dict[str, object]

    if TYPE_CHECKING:
        block_sizes: list[int]
        loop_orders: list[list[int]]
        flatten_loops: list[bool]
        l2_groupings: list[int]
        reduction_loops: list[int | None]
        range_num_stages: list[int]
        range_unroll_factors: list[int]
        range_multi_buffers: list[bool | None]
        range_flattens: list[bool | None]
        range_warp_specializes: list[bool | None]
        static_ranges: list[bool]
        load_eviction_policies: list[str]
        num_warps: int
        num_stages: int
        pid_type: str

        # What editors complete and check; everything else is the name of a tunable. The true signature keeps the order given.
        def __init__(
            self,
            *,
            block_sizes: Sequence[int | Sequence[int]] | None = None,
            block_size: int | Sequence[int] | None = None,
            loop_orders: Sequence[Sequence[int]] | None = None,
            loop_order: Sequence[int] | None = None,
            flatten_loops: Sequence[bool] | None = None,
            flatten_loop: bool | None = None,
            l2_groupings: Sequence[int] | None = None,
            l2_grouping: int | None = None,
            reduction_loops: Sequence[int | None] | None = None,
            reduction_loop: int | None = None,
            range_num_stages: Sequence[int] | None = None,
            range_num_stage: int | None = None,
            range_unroll_factors: Sequence[int] | None = None,
            range_unroll_factor: int | None = None,
            range_multi_buffers: Sequence[bool | None] | None = None,
            range_multi_buffer: bool | None = None,
            range_flattens: Sequence[bool | None] | None = None,
            range_flatten: bool | None = None,
            range_warp_specializes: Sequence[bool | None] | None = None,
            range_warp_specialize: bool | None = None,
            static_ranges: Sequence[bool] | None = None,
            static_range: bool | None = None,
            load_eviction_policies: Sequence[str] | None = None,
            load_eviction_policy: str | None = None,
            indexing: str | Sequence[str] | None = None,
            atomic_indexing: str | Sequence[str] | None = None,
            device_descriptors: bool | None = None,
            num_warps: int | None = None,
            num_stages: int | None = None,
            pid_type: str | None = None,
            num_sm_multiplier: int | None = None,
            maxnreg: int | None = None,
            epilogue_subtile: int | None = None,
            waves_per_eu: int | None = None,
            matrix_instr_nonkdim: int | None = None,
            load_cache_modifiers: Sequence[str] | None = None,
            load_cache_modifier: str | None = None,
            store_cache_modifiers: Sequence[str] | None = None,
            store_cache_modifier: str | None = None,
            xcd_remap: bool | None = None,
            advanced_controls_file: str | None = None,
            **tunables: Any,
        ) -> None: ...
    else:

        def __init__(self, **values: Any) -> None:
            self.config = {key: value for key, value in values.items() if value is not None}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The config with these keys and values, as `dict(config)` gives them."""
        return cls(**values)

    def minimize(self, config_spec: _Space) -> Config:
        """The shortest config of the same meaning for a kernel, whose `config_spec` this is: block sizes, and what is not the default."""
        return config_spec.minimize(self)

    def __getitem__(self, key: str) -> Any:
        return self.config[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.config)

    def __len__(self) -> int:
        return len(self.config)

    def __getattr__(self, name: str) -> Any:
        if name == "config" or name.startswith("__"):
            raise AttributeError(name)
        if name in self.config:
            return self.config[name]
        if name == "block_sizes":
            raise KeyError(name)
        if name in _LISTS:
            return []
        if name in _ATTRIBUTE_DEFAULTS:
            return _ATTRIBUTE_DEFAULTS[name]
        raise AttributeError(name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self.config == other.config

    def __hash__(self) -> int:
        return hash(_frozen(self.config))

    def __repr__(self) -> str:
        return f"helion.{self}"

    def __str__(self) -> str:
        return f"Config({', '.join(f'{key}={self.config[key]!r}' for key in sorted(self.config))})"

    def to_json(self) -> str:
        """JSON with 2-space indentation, keys in the order given."""
        return json.dumps(self.config, indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ValueError when the text is not a JSON object."""
        values: Any = json.loads(text)
        if not is_mapping(values):
            raise ValueError("a config is a JSON object")
        return cls(**values)

    def save(self, path: str | Path) -> None:
        """Write as JSON, replacing the file atomically; creates parent directories. Raises OSError."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=target.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(self.to_json())
        Path(temporary).replace(target)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote. Raises OSError or ValueError."""
        return cls.from_json(Path(path).read_text(encoding="utf-8"))


def _frozen(value: object) -> object:
    if is_mapping(value):
        return tuple(sorted((key, _frozen(item)) for key, item in value.items()))
    if is_sequence(value):
        return tuple(_frozen(item) for item in value)
    return value
