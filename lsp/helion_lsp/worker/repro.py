"""A kernel of a text and what was asked of it in, a script that shows what was observed on a machine without the project out."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from helion import compiler
from helion.config.config import Config
from helion.diagnostics.diagnostic import Diagnostic, Severity
from helion.diagnostics.render import render_plain
from helion.locks.versions import current_versions
from helion.signatures.argument_text import argument_texts
from helion.signatures.made_up import made_up_types
from helion.signatures.notation import format_notation
from helion.signatures.representative import representative
from helion.signatures.signature import KernelSignature
from helion.signatures.written_settings import settings_as_written
from helion.source import SourceFile
from helion.syntax.names import assigned_names
from helion.syntax.namesakes import kernel_of_editor, number_of
from helion.syntax.repro_text import DEVICE, Repro, facts, kept_keywords, with_config
from helion.syntax.self_contained import free_names
from helion.syntax.tree import KernelSyntax
from helion.target import DEFAULT_TARGET, find_target
from helion.typecheck.global_names import FileGlobals
from helion.types.types import Type, UserFunctionType
from helion_lsp.worker.chosen_config import chosen_config
from helion_lsp.worker.prepared import Prepared, prepare, signature_of


def repro(path: str, text: str, params: dict[str, Any]) -> dict[str, Any]:
    """`{text}` for {kernel, args?, target?, config?}, or `{problem}` for what is no kernel, signature or config."""
    file = SourceFile(path, text)
    kernel = kernel_of_editor(compiler.parse(file), params["kernel"])
    if kernel is None:
        return {"problem": f"there is no kernel `{params['kernel']}`"}
    sample = params.get("args")
    signature = signature_of(kernel, sample)
    if not isinstance(signature, KernelSignature):
        return {"problem": signature.message()}
    target = find_target(params.get("target") or "") or DEFAULT_TARGET
    prepared = prepare(kernel, target, sample)
    config: Config | None = None
    if isinstance(prepared, Prepared):
        given = params.get("config")
        chosen = chosen_config(kernel, prepared.space, target, given, sample) if given else prepared.config
        if isinstance(chosen, str):
            return {"problem": chosen}
        config = prepared.space.minimize(chosen if isinstance(chosen, Config) else chosen.config)
    types = made_up_types(_types(kernel, signature), _defaults(kernel))
    functions = [type_.syntax.node for type_ in types if isinstance(type_, UserFunctionType)]
    lost = free_names(functions) - frozenset(assigned_names(kernel.module.tree.body))
    arguments = argument_texts(types, list(signature.parameters))
    if lost:
        arguments = f"a function that is given names {', '.join(sorted(lost))}, which only its caller knows"
    comments = [
        *facts(kernel, current_versions(), target.name),
        f"arguments: {format_notation(types)}",
        *([] if config is not None else ["config: none, since the kernel could not be compiled as it stands"]),
        *([f"arguments could not be made up: {arguments}"] if isinstance(arguments, str) else []),
        *_observed(kernel),
    ]
    made = None if isinstance(arguments, str) else arguments
    decorator = with_config(kernel, None if config is None else repr(config))
    script = Repro(kernel, made, (DEVICE,)).script(decorator, comments=comments, named=[*kept_keywords(kernel).values(), *functions])
    return {"text": script}


def _types(kernel: KernelSyntax, signature: KernelSignature) -> list[Type]:
    """With the sizes that the kernel takes to be equal under one name."""
    usual, _ = representative(signature)
    typed = compiler.check(kernel, usual, FileGlobals(kernel.module), settings_as_written(kernel))
    return [parameter.binding.type for parameter in typed.parameters]


def _defaults(kernel: KernelSyntax) -> list[Any]:
    """The literal default of each parameter, None for one that has none."""
    arguments = kernel.function.node.args
    names = (*arguments.posonlyargs, *arguments.args)
    defaults = [_literal(node) for node in arguments.defaults]
    return [*[None] * (len(names) - len(defaults)), *defaults]


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _observed(kernel: KernelSyntax) -> list[str]:
    """What the checker says of the kernel, as a terminal shows it."""
    is_alone = number_of(kernel) is None
    found = [d for name, d in compiler.check_file(kernel.file) if (is_alone and name == kernel.qualname) or _is_inside(d, kernel)]
    serious = [d for d in found if d.severity in (Severity.ERROR, Severity.WARNING)]
    if not serious:
        return ["observed: nothing by the checker"]
    return ["observed:", *_indented(render_plain(kernel.file, serious).splitlines())]


def _is_inside(diagnostic: Diagnostic, kernel: KernelSyntax) -> bool:
    return any(part.encloses(diagnostic.span) for part in kernel.parts)


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]
