"""Device IR, a normalized config and a target in, a `TritonModule` out; writes text only."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any

from helion.codegen.arguments import KernelArguments
from helion.codegen.decisions import distinct, index_width_decisions
from helion.codegen.host_body import write_host_function
from helion.codegen.host_device import device_expression
from helion.codegen.indexing.tensor_descriptor import MAKE_DESCRIPTOR
from helion.codegen.kernel_body import KernelBody
from helion.codegen.layout import Layout
from helion.codegen.program_ids import grid_axes, open_grid, open_grid_xyz, program_id, total_count
from helion.codegen.ranges import range_text
from helion.codegen.saved_values import SavedValues
from helion.codegen.triton_module import LaunchPlan, TritonModule
from helion.codegen.writer import Names, Writer
from helion.config.config import Config
from helion.device_ir.ir import DeviceIR, GridLoop
from helion.target import Target

_IMPORTS = (
    "from __future__ import annotations",
    "",
    "import math",
    "",
    "import torch",
    "import triton",
    "import triton.language as tl",
    "from helion.runtime import default_launcher as _default_launcher",
    "from helion.runtime import get_num_sm as _get_num_sm",
)
# Said only where they are used: Inductor's takes seconds to import, and a text with pointers alone would seem to have descriptors.
_IMPORTS_WHERE_USED = MappingProxyType(
    {
        "triton_helpers": "from torch._inductor.runtime import triton_helpers",
        "tl_math": "from triton.language import math as tl_math",
        "libdevice": "from triton.language.extra import libdevice",
        "_set_triton_allocator": "from helion.runtime import set_triton_allocator as _set_triton_allocator",
        "TensorDescriptor": "from triton.tools.tensor_descriptor import TensorDescriptor",
    }
)
_WORD = re.compile(r"\w+")


def generate_module(ir: DeviceIR, config: Config, target: Target) -> TritonModule:
    """One config's module: the device function `_helion_<name>` and the host function `<name>`."""
    return _Module(ir, config, target).write()


class _Module:
    """One generation: the device body first, since it decides the arguments, then the text around it."""

    def __init__(self, ir: DeviceIR, config: Config, target: Target) -> None:
        self.ir = ir
        self.config = config
        self.layout = Layout(ir, config)
        names = Names({p.binding.name for p in ir.kernel.parameters} | {"_launcher"})
        self.kernel_name = f"_helion_{ir.kernel.name}"
        self.arguments = KernelArguments(self.layout, Names(), SavedValues(ir))
        self.body = KernelBody(ir, target, self.layout, self.arguments.names, self.arguments, Writer())
        self.host_names = names
        self.pid_type: Any = config.get("pid_type", "flat")
        self.makes_descriptors = False

    def write(self) -> TritonModule:
        device = self._device_function()
        self.makes_descriptors = any(MAKE_DESCRIPTOR in line for line in device.lines)
        functions = Writer()
        functions.extend(self.body.functions.writer)
        functions.extend(device)
        functions.line("")
        functions.line("")
        write_host_function(self.ir, self.layout, self.arguments.saved, functions, self.ir.kernel.name, self._launch)
        used = (line for name, line in _IMPORTS_WHERE_USED.items() if any(name in written for written in functions.lines))
        writer = Writer()
        for line in (*_IMPORTS, *used, "", ""):
            writer.line(line)
        writer.extend(functions)
        decisions = distinct((*writer.decisions, *index_width_decisions(self.ir.kernel)))
        return TritonModule("\n".join(writer.lines) + "\n", tuple(writer.source_map), self._plan(), decisions, tuple(writer.unwatched))

    # -- device -----------------------------------------------------------------------------------------------------

    def _device_function(self) -> Writer:
        self._programs()
        if any(not a.is_specialized for a in self.arguments.all()):
            self.arguments.keep(set(_WORD.findall("\n".join((*self.body.prologue.lines, *self.body.writer.lines)))))
        out = Writer()
        listed = [a.name if a.kind != "constexpr" else f"{a.name}: tl.constexpr" for a in self.arguments.all()]
        with out.at(self.ir.kernel.name_span):
            out.line(f"@triton.jit{self._jit_options()}")
            out.line(f"def {self.kernel_name}({', '.join(listed)}):")
        with out.indented():
            for argument in self.arguments.all():
                if argument.multiple > 1:
                    # Triton follows arithmetic, and so knows how wide a load may be.
                    out.line(f"{argument.name} = {argument.name} // {argument.multiple} * {argument.multiple}")
            out.extend(self.body.prologue)
            out.extend(self.body.writer)
        return out

    def _jit_options(self) -> str:
        """Asks for one binary whatever those integers are; Triton would make one more for 1 and for multiples of 16."""
        names = [a.name for a in self.arguments.all() if not a.is_specialized]
        return f"(do_not_specialize={names!r})" if names else ""

    def _programs(self) -> None:
        writer = self.body.writer
        if self.pid_type == "xyz":
            loop = self.ir.grid_loops[0]
            with writer.at(loop.span):
                open_grid_xyz(self.body, loop)
            self._body_of(loop)
        elif self.pid_type == "flat":
            with writer.at(self.ir.grid_loops[0].span):
                pid = self.body.names.fresh("pid_flat" if len(self.ir.grid_loops) > 1 else "program")
                total = " + ".join(total_count(grid_axes(self.body, loop))[0] for loop in self.ir.grid_loops)
                writer.line(f"{pid} = {self._remapped(program_id(self.body, 0), total)}")
            self._dispatch(self.ir.grid_loops, pid)
        else:
            self._persistent()

    def _remapped(self, pid: str, total: str) -> str:
        """The id such that neighbours run on one chiplet, when the config asks for it: hardware deals programs to chiplets in turn."""
        if not self.config.get("xcd_remap"):
            return pid
        name, dies = self.body.names.fresh("dealt"), self.body.target.dies
        share, die = self.body.names.fresh("share_of_die"), self.body.names.fresh("die")
        self.body.writer.line(f"{name} = {pid}")
        self.body.writer.line(f"{share} = ({total}) // {dies}")
        self.body.writer.line(f"{die} = {name} % {dies}")
        # The first dies have one program more where the programs do not divide evenly.
        return f"{die} * {share} + tl.minimum({die}, ({total}) % {dies}) + {name} // {dies}"

    def _persistent(self) -> None:
        """Each of a fixed number of programs takes a contiguous or a strided share of the tiles; at a barrier they wait for the last."""
        writer = self.body.writer
        programs = self.arguments.constexpr("_NUM_PROGRAMS", self._expected_programs(), self._host_programs())
        first = self.body.names.fresh("program")
        with writer.at(self.ir.grid_loops[0].span):
            writer.line(f"{first} = {self._remapped(program_id(self.body, 0), programs)}")
        for phase, loops in enumerate(self.ir.phases):
            if phase:
                with writer.at(loops[0].span):
                    self._wait_for_all(f"{phase} * {programs}" if phase > 1 else programs)
            self._share(loops, first, programs)

    def _share(self, loops: tuple[GridLoop, ...], first: str, programs: str) -> None:
        writer, fresh = self.body.writer, self.body.names.fresh
        with writer.at(loops[0].span):
            total, virtual = fresh("total_tiles"), fresh("virtual_pid")
            counts = [total_count(grid_axes(self.body, loop))[0] for loop in loops]
            writer.line(f"{total} = {' + '.join(counts)}")
            options = self.layout.range_options(self.ir.loop_sites[loops[0].loop_site], 0)
            if self.pid_type == "persistent_blocked":
                share, start = fresh("share"), fresh("start_tile")
                writer.line(f"{share} = tl.cdiv({total}, {programs})")
                writer.line(f"{start} = {first} * {share}")
                rounds = range_text(start, f"tl.minimum({start} + {share}, {total})", "1", options)
            else:
                rounds = range_text(first, total, programs, options)
            writer.line(f"for {virtual} in {rounds}:")
        with writer.indented():
            self._dispatch(loops, virtual)

    def _wait_for_all(self, expected: str) -> None:
        """Count this program in, and wait until all are: what any of them wrote before is seen by all after."""
        counter = self.arguments.counter(f"torch.zeros([1], dtype=torch.int32, device={device_expression(self.ir)})")
        writer, arrived = self.body.writer, self.body.names.fresh("arrived")
        writer.line("tl.debug_barrier()")
        writer.line(f'{arrived} = tl.atomic_add({counter}, 1, sem="acq_rel") + 1')
        writer.line(f"while {arrived} < {expected}:")
        with writer.indented():
            writer.line(f'{arrived} = tl.atomic_add({counter}, 0, sem="acquire")')
        writer.line("tl.debug_barrier()")

    def _dispatch(self, loops: tuple[GridLoop, ...], pid: str) -> None:
        """One grid loop takes all ids; several share them out in source order."""
        writer = self.body.writer
        if len(loops) == 1:
            self._one_loop(loops[0], pid)
            return
        start = "0"
        for position, loop in enumerate(loops):
            count = total_count(grid_axes(self.body, loop))[0]
            end = count if start == "0" else f"{start} + {count}"
            last = position == len(loops) - 1
            writer.line("else:" if last else f"{'if' if position == 0 else 'elif'} {pid} < {end}:")
            with writer.indented():
                local = pid
                if start != "0":
                    local = self.body.names.fresh("pid_local")
                    writer.line(f"{local} = {pid} - ({start})")
                self._one_loop(loop, local)
            start = end

    def _one_loop(self, loop: GridLoop, pid: str) -> None:
        with self.body.writer.at(loop.span):
            open_grid(self.body, loop, pid)
        self._body_of(loop)

    def _body_of(self, loop: GridLoop) -> None:
        self.body.run_graph(loop.graph)
        self.body.open_axes.clear()
        self.body.shares.clear()

    # -- host -------------------------------------------------------------------------------------------------------

    def _expected_programs(self) -> int:
        """What `_host_programs` gives on the target, so that compiling ahead finds the code that a launch there will run."""
        multiplier: Any = self.config.get("num_sm_multiplier", 1)
        return max(1, self.body.target.multiprocessors - self.ir.kernel.options.reserved_sms) * multiplier

    def _host_programs(self) -> str:
        multiplier = self.config.get("num_sm_multiplier", 1)
        reserved = self.ir.kernel.options.reserved_sms
        sms = f"_get_num_sm({device_expression(self.ir)}" + (f", reserved_sms={reserved})" if reserved else ")")
        count = sms if multiplier == 1 else f"{sms} * {multiplier}"
        return count if len(self.ir.phases) == 1 else f"({count} if {device_expression(self.ir)}.type == 'cuda' else 1)"

    def _grid(self) -> tuple[str, int | None]:
        if self.pid_type == "xyz":
            axes = grid_axes(self.body, self.ir.grid_loops[0])
            counts = [str(a.known_count) if a.known_count is not None else a.host_count for a in reversed(axes)]
            return f"({', '.join(counts)},)", total_count(axes)[2]
        if self.pid_type != "flat":
            return "(_NUM_PROGRAMS,)", None
        totals = [total_count(grid_axes(self.body, loop)) for loop in self.ir.grid_loops]
        known = sum(t[2] for t in totals if t[2] is not None) if all(t[2] is not None for t in totals) else None
        return f"({known if known is not None else ' + '.join(t[1] for t in totals)},)", known

    def _launch(self, writer: Writer) -> None:
        with writer.at(self.ir.grid_loops[0].span):
            for argument in self.arguments.constants.values():
                value = argument.value if argument.host_expression == argument.name else argument.host_expression
                writer.line(f"{argument.name} = {value}")
            if self.makes_descriptors:
                writer.line("_set_triton_allocator()")
            listed = ", ".join(a.host_expression if a.kind != "constexpr" else a.name for a in self.arguments.all())
            options = "".join(f", {name}={value!r}" for name, value in self._options())
            launch = f"_launcher({self.kernel_name}, {self._grid()[0]}, {listed}"
            writer.line(f"{launch}, num_warps={self.config['num_warps']}, num_stages={self.config['num_stages']}{options})")

    def _options(self) -> tuple[tuple[str, object], ...]:
        maxnreg = self.config.get("maxnreg")
        options: list[tuple[str, object]] = []
        if maxnreg is not None and self.pid_type.startswith("persistent"):
            options.append(("maxnreg", maxnreg))
        options.extend((key, self.config[key]) for key in ("waves_per_eu", "matrix_instr_nonkdim") if self.config.get(key))
        if controls := self.config.get("advanced_controls_file"):
            options.append(("ptx_options", f"--apply-controls {controls}"))
        if len(self.ir.phases) > 1:
            options.append(("launch_cooperative_grid", True))
        return tuple(options)

    def _plan(self) -> LaunchPlan:
        grid, known = self._grid()
        warps: Any = self.config["num_warps"]
        stages: Any = self.config["num_stages"]
        return LaunchPlan(self.kernel_name, self.ir.kernel.name, self.arguments.all(), grid, known, warps, stages, self._options())
