"""`helion show FILE[::kernel]`: any stage of the pipeline as text or JSON, without a GPU."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import click

from helion import compiler
from helion.cli.exit_codes import OK, PROBLEMS
from helion.cli.failure import Failure, failure
from helion.cli.kernel_name import KernelName
from helion.cli.subject import Subject, check_subject, find_target_or_fail, space_of, written_config
from helion.codegen.triton_module import TritonModule
from helion.config.space import ConfigSpace
from helion.device_ir.print import print_ir
from helion.diagnostics.render import render_plain
from helion.offline.artifact import Artifact, CompileFailure
from helion.offline.compile import compile_module
from helion.source import Span
from helion.target import Target
from helion.typed_kernel.print import print_kernel

_STAGES = ("types", "ir", "space", "triton", "ptx", "resources")


def config_of(text: str | None, space: ConfigSpace, subject: Subject) -> Any:
    """The normalized config of `--config`, the default one when it is left out."""
    if text is None:
        return space.default()
    values = written_config(text)
    problems = space.check(values, subject.kernel.function.name_span)
    if problems:
        raise Failure(render_plain(subject.file, problems), PROBLEMS)
    return space.normalize(values)


def _types(subject: Subject, target: Target, config: str | None) -> tuple[str, Any]:
    text = print_kernel(subject.typed)
    return text, {"types": text.splitlines()}


def _ir(subject: Subject, target: Target, config: str | None) -> tuple[str, Any]:
    ir, _ = space_of(subject, target)
    return print_ir(ir), {"ir": print_ir(ir)}


def _space(subject: Subject, target: Target, config: str | None) -> tuple[str, Any]:
    _, space = space_of(subject, target)
    rows = [
        {"key": knob.knob.key, "site": s.site, "default": value, "left_out": s.default, "choices": list(s.choices), "allowed": s.allowed}
        for knob in space.knobs
        for s, value in zip(knob.slots, space.entries(knob, space.default()), strict=True)
    ]
    lines = [f"{r['key']:<24} {r['site']:<40} default {r['default']!r}{_left_out(r)}; {r['allowed']}" for r in rows]
    lines += ["", f"default: {space.minimize(space.default())}", f"fingerprint: {space.fingerprint()}"]
    return "\n".join(lines), {"slots": rows, "default": dict(space.default()), "fingerprint": space.fingerprint()}


def _left_out(row: Mapping[str, Any]) -> str:
    """A config that leaves a key out does not have the value that rules gave the default config."""
    return "" if row["left_out"] == row["default"] else f" ({row['left_out']!r} when left out)"


def _module(subject: Subject, target: Target, config: str | None) -> TritonModule:
    ir, space = space_of(subject, target)
    return compiler.generate(ir, config_of(config, space, subject), target)


def _triton(subject: Subject, target: Target, config: str | None) -> tuple[str, Any]:
    module = _module(subject, target, config)
    return module.text, {"triton": module.text, "source_map": [_mapped(subject, *entry) for entry in module.source_map]}


def _mapped(subject: Subject, line: int, span: Span) -> list[int]:
    start, end = subject.file.position(span.start), subject.file.position(span.end)
    return [line, start.line, end.line]


def _artifact(subject: Subject, target: Target, config: str | None) -> Artifact:
    compiled = compile_module(_module(subject, target, config), target)
    if isinstance(compiled, CompileFailure):
        raise failure("compile-failed", f"{compiled.kind}: {compiled.message}", PROBLEMS)
    return compiled


def _ptx(subject: Subject, target: Target, config: str | None) -> tuple[str, Any]:
    artifact = _artifact(subject, target, config)
    return artifact.assembly, {"ptx": artifact.assembly}


def _resources(subject: Subject, target: Target, config: str | None) -> tuple[str, Any]:
    values = _artifact(subject, target, config).resources()
    return "\n".join(f"{key:<26} {value}" for key, value in values.items()), {"resources": values}


_PRINTERS: Mapping[str, Callable[[Subject, Target, str | None], tuple[str, Any]]] = {
    "types": _types,
    "ir": _ir,
    "space": _space,
    "triton": _triton,
    "ptx": _ptx,
    "resources": _resources,
}


@click.command()
@click.argument("name", metavar="FILE[::kernel]", type=KernelName())
@click.option("--args", "signature", metavar="SIGNATURE", help="Argument types: 'bf16[4096,4096], bf16[4096,4096]'.")
@click.option("--config", metavar="CONFIG", help="A config, in Python or JSON; the default one when left out.")
@click.option(
    "--target", "target_name", metavar="ARCH", default="sm_90", show_default=True, help="The architecture to compile for, such as gfx942."
)
@click.option("--types", "stage", flag_value="types", help="Every name with its type (the default).")
@click.option("--ir", "stage", flag_value="ir", help="The device IR.")
@click.option("--space", "stage", flag_value="space", help="What can be tuned.")
@click.option("--triton", "stage", flag_value="triton", help="The generated Triton.")
@click.option("--ptx", "stage", flag_value="ptx", help="The assembly.")
@click.option("--resources", "stage", flag_value="resources", help="Registers, spills, shared memory, occupancy.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")
def command(name: str, signature: str | None, config: str | None, target_name: str, stage: str | None, as_json: bool) -> int:
    """Print what the compiler knows of a kernel. Nothing is run, and no GPU is needed."""
    stage = stage or "types"
    subject = check_subject(name, signature, to_lower=stage != "types")
    target = find_target_or_fail(target_name)
    if subject.taken:
        click.echo(f"note: not said in the text, so taken: {'; '.join(subject.taken)} (say more with --args)", err=True)
    text, data = _PRINTERS[stage](subject, target, config)
    header = {"file": subject.file.path, "kernel": subject.kernel.qualname, "target": target.name, "stage": stage}
    click.echo(json.dumps({**header, **data}, indent=2, default=str) if as_json else text)
    if stage == "types" and subject.typed.diagnostics:
        click.echo(render_plain(subject.file, subject.typed.diagnostics), err=True)
        return PROBLEMS if subject.typed.has_errors else OK
    return OK
