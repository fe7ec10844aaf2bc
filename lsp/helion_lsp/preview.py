"""A kernel, a kind and a target in, a read-only text with its line map out; runs in the worker, compiles without a GPU."""

from __future__ import annotations

import importlib
from typing import Any

from helion import compiler
from helion.config.space import ConfigSpace
from helion.device_ir.calls import LoweringFailed
from helion.device_ir.ir import DeviceIR
from helion.device_ir.print import print_ir
from helion.diagnostics.render import render_plain
from helion.offline.artifact import Artifact
from helion.settings import Settings
from helion.signatures.representative import representative
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile, Span
from helion.target import DEFAULT_TARGET, Target, find_target
from helion.typecheck.global_names import FileGlobals
from helion.typed_kernel.print import print_kernel
from helion_lsp.prepared import signature_of

_LANGUAGES = {
    "triton": "python",
    "ptx": "plaintext",
    "resources": "plaintext",
    "ir": "plaintext",
    "types": "plaintext",
    "space": "plaintext",
}


def preview(path: str, text: str, params: dict[str, Any]) -> dict[str, Any]:
    """`{text, languageId, sourceMap, title, estimated}`; what is wrong with the kernel becomes the text."""
    file = SourceFile(path, text)
    module = compiler.parse(file)
    name, kind = params["kernel"], params.get("kind", "triton")
    kernel = next((k for k in module.kernels if name in (k.qualname, k.name)), None)
    title = f"{name} · {kind}"
    if kernel is None:
        return _result(title, kind, f"# there is no kernel `{name}` any more", [])
    signature: Any = signature_of(kernel, params.get("args") or None)
    if not isinstance(signature, KernelSignature):
        return _result(title, kind, f"# {signature.message()}", [])
    signature, taken = representative(signature)
    typed = compiler.check(kernel, signature, FileGlobals(module), Settings())
    if kind == "types":
        return _result(title, kind, print_kernel(typed), [])
    problems = [*module.diagnostics, *typed.diagnostics]
    if any(p.severity.value == "error" for p in problems):
        return _result(title, kind, render_plain(file, problems), [])
    target = find_target(params.get("target") or "") or DEFAULT_TARGET
    try:
        ir = compiler.lower(typed)
        note = f"# not said in the text, so taken: {'; '.join(taken)}\n" if taken else ""
        return _stage(title, kind, file, ir, compiler.config_space(ir, target), target, params.get("config"), note)
    except LoweringFailed as problem:
        return _result(title, kind, f"# {problem}", [])


def _stage(
    title: str, kind: str, file: SourceFile, ir: DeviceIR, space: ConfigSpace, target: Target, config: Any, note: str
) -> dict[str, Any]:
    if kind == "ir":
        return _result(title, kind, print_ir(ir), [])
    if kind == "space":
        lines = [f"{key:<24} {slot.site:<40} default {slot.default!r}; {slot.allowed}" for key, slot in space.slots]
        return _result(title, kind, "\n".join(lines), [])
    problems = space.check(config) if config else ()
    if problems:
        return _result(title, kind, "\n".join(f"# {p.message()}" for p in problems), [])
    chosen = space.normalize(config) if config else space.default()
    module = compiler.generate(ir, chosen, target)
    head = f"{note}# config: {space.minimize(chosen)}\n"
    lead = head.count("\n")
    if kind == "triton":
        return _result(title, kind, head + module.text, [_entry(file, lead + line, span) for line, span in module.source_map])
    return _compiled(title, kind, file, module, target, head)


def _compiled(title: str, kind: str, file: SourceFile, module: Any, target: Target, head: str) -> dict[str, Any]:
    try:
        compile_module = importlib.import_module("helion.offline.compile").compile_module
    except ImportError:
        return _result(title, kind, f"{head}# triton is not installed here, so nothing can be compiled", [])
    artifact = compile_module(module, target)
    if not isinstance(artifact, Artifact):
        return _result(title, kind, f"{head}# {artifact.kind}: {artifact.message}", [])
    if kind == "ptx":
        lead = head.count("\n")
        return _result(title, kind, head + artifact.assembly, [_entry(file, lead + line, span) for line, span in artifact.source_map])
    lines = [f"{key:<26} {value}" for key, value in artifact.resources().items()]
    return _result(title, kind, f"{head}# {target.name}\n" + "\n".join(lines), [])


def _entry(file: SourceFile, line: int, span: Span) -> list[int]:
    return [line, file.position(span.start).line, file.position(span.end).line]


def _result(title: str, kind: str, text: str, source_map: list[list[int]]) -> dict[str, Any]:
    return {"title": title, "text": text, "languageId": _LANGUAGES.get(kind, "plaintext"), "sourceMap": source_map, "estimated": False}
