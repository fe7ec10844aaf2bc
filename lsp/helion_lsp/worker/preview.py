"""A kernel, a kind and a target in, a read-only text with its line map out; runs in the worker, compiles without a GPU."""

from __future__ import annotations

import importlib
import textwrap
from collections.abc import Iterator
from typing import Any

from helion import compiler
from helion.codegen.triton_module import TritonModule
from helion.config.space import ConfigSpace
from helion.device_ir.calls import LoweringFailed
from helion.device_ir.ir import DeviceIR
from helion.device_ir.print import print_ir
from helion.diagnostics.render import render_plain
from helion.offline.artifact import Artifact
from helion.signatures.signature import KernelSignature
from helion.signatures.written_settings import settings_as_written
from helion.source import SourceFile, Span
from helion.syntax.namesakes import kernel_of_editor
from helion.target import DEFAULT_TARGET, TARGETS, Target, find_target
from helion.typed_kernel.print import print_kernel
from helion_lsp.worker.chosen_config import Chosen, chosen_config
from helion_lsp.worker.prepared import signature_of
from helion_lsp.worker.resource_lines import resource_lines
from helion_lsp.worker.surroundings import ALONE, Surroundings
from helion_lsp.worker.usual_sizes import usual_signature

_LANGUAGES = {
    "triton": "python",
    "ptx": "plaintext",
    "resources": "plaintext",
    "ir": "plaintext",
    "types": "plaintext",
    "space": "plaintext",
}
_WIDTH = 72


def preview(path: str, text: str, params: dict[str, Any], around: Surroundings = ALONE) -> dict[str, Any]:
    """`{text, languageId, sourceMap, title, estimated}`; what is wrong with the kernel becomes the text."""
    file = SourceFile(path, text)
    module = compiler.parse(file)
    name, kind = params["kernel"], params.get("kind", "triton")
    title = f"{name} · {kind}"
    if kind not in _LANGUAGES:
        return _result(title, kind, f"# there is no preview `{kind}`; one of {', '.join(_LANGUAGES)}", [])
    named = params.get("target")
    target = find_target(named) if named else DEFAULT_TARGET
    if target is None:
        return _result(title, kind, f"# `{named}` is not a target; one of {', '.join(t.name for t in TARGETS)}", [])
    kernel = kernel_of_editor(module, name)
    if kernel is None:
        return _result(title, kind, f"# there is no kernel `{name}` any more", [])
    signature: Any = signature_of(kernel, params.get("args") or None, around)
    if not isinstance(signature, KernelSignature):
        return _result(title, kind, f"# {signature.message()}", [])
    signature, taken = usual_signature(kernel, signature, around)
    typed = compiler.check(kernel, signature, around.names(module), settings_as_written(kernel))
    if kind == "types":
        return _result(title, kind, print_kernel(typed), [])
    if typed.has_errors:
        typed = compiler.check_as_written(kernel, signature, around.names(module))  # says it as the editor does
    problems = [*module.diagnostics, *typed.diagnostics]
    if any(p.severity.value == "error" for p in problems):
        return _result(title, kind, render_plain(file, problems), [])
    try:
        ir = compiler.lower(typed)
        notes = [f"not said in the text, so taken: {'; '.join(taken)}"] if taken else []
        space = compiler.config_space(ir, target)
        if kind in ("ir", "space"):
            return _result(title, kind, print_ir(ir) if kind == "ir" else _space_text(space), [])
        chosen = chosen_config(kernel, space, target, params.get("config"), params.get("args"))
        if isinstance(chosen, str):
            return _result(title, kind, "".join(f"# {line}\n" for line in chosen.splitlines()), [])
        notes.append(f"{chosen.words}: {space.minimize(chosen.config)}")
        return _generated(title, kind, file, ir, target, notes, chosen)
    except LoweringFailed as problem:
        return _result(title, kind, f"# {problem}", [])


def _space_text(space: ConfigSpace) -> str:
    return "\n".join(f"{key:<24} {slot.site:<40} default {slot.default!r}; {slot.allowed}" for key, slot in space.slots)


def _generated(title: str, kind: str, file: SourceFile, ir: DeviceIR, target: Target, notes: list[str], chosen: Chosen) -> dict[str, Any]:
    module = compiler.generate(ir, chosen.config, target)
    head = "".join(f"{line}\n" for note in (*notes, *_not_as_chosen(module, chosen)) for line in _comment(note))
    lead = head.count("\n")
    if kind == "triton":
        return _result(title, kind, head + module.text, [_entry(file, lead + line, span) for line, span in module.source_map])
    return _compiled(title, kind, file, module, target, head)


def _not_as_chosen(module: TritonModule, chosen: Chosen) -> Iterator[str]:
    """Where the code has pointers though the config asks for something else."""
    asked: Any = chosen.config.get("indexing", "pointer")
    if {*([asked] if isinstance(asked, str) else asked)} != {"pointer"}:
        found: dict[str, list[str]] = {}
        for name, words in (d.text.split("` ", 1) for d in module.decisions if d.kind == "access"):
            found.setdefault(words, []).append(f"{name}`")
        yield from (f"{', '.join(names)}{' each' if len(names) > 1 else ''} {words}" for words, names in found.items())


def _comment(note: str) -> list[str]:
    """Lines as wide as a window that is half of a screen."""
    return textwrap.wrap(note, _WIDTH, initial_indent="# ", subsequent_indent="#     ", break_long_words=False, break_on_hyphens=False)


def _compiled(title: str, kind: str, file: SourceFile, module: TritonModule, target: Target, head: str) -> dict[str, Any]:
    try:
        compile_module = importlib.import_module("helion.offline.compile").compile_module
    except ImportError:
        return _result(title, kind, f"{head}# triton is not installed here, so nothing can be compiled", [])
    artifact = compile_module(module, target)
    if not isinstance(artifact, Artifact):
        return _result(title, kind, f"{head}# {artifact.kind}: {artifact.message}", [])
    if kind == "ptx":
        return _assembly(title, file, module, artifact, head)
    return _result(title, kind, f"{head}# {target.name}\n" + "\n".join(resource_lines(artifact, target)), [])


def _assembly(title: str, file: SourceFile, module: TritonModule, artifact: Artifact, head: str) -> dict[str, Any]:
    """Every instruction leads to its line of the Triton preview, which has the same head, and to the source where that line does."""
    lead, lines, spans = head.count("\n"), artifact.assembly.splitlines(), dict(module.source_map)
    pairs = [(n, line) for n, line in artifact.line_map.lines(len(lines)) if _is_instruction(lines[n])]
    source_map = [_entry(file, lead + n, spans[line]) for n, line in pairs if line in spans]
    triton_map = [[lead + n, lead + line] for n, line in pairs]
    return {**_result(title, "ptx", head + artifact.assembly, source_map), "tritonMap": triton_map}


def _is_instruction(line: str) -> bool:
    """Not a blank, a comment, a label or a directive."""
    text = line.strip()
    return bool(text) and not text.startswith(("//", ";", ".", "$", "{", "}")) and not text.endswith(":")


def _entry(file: SourceFile, line: int, span: Span) -> list[int]:
    return [line, file.position(span.start).line, file.position(span.end).line]


def _result(title: str, kind: str, text: str, source_map: list[list[int]]) -> dict[str, Any]:
    return {"title": title, "text": text, "languageId": _LANGUAGES.get(kind, "plaintext"), "sourceMap": source_map, "estimated": False}
