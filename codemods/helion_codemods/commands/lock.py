"""Writes a config into a kernel's decorator, keyed by device and signature; touches nothing else in the file."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.syntax.tree import KernelSyntax
from helion_codemods.config_text import config_text, literal
from helion_codemods.outcome import Example, Refused, Rewritten

DESCRIPTION = "Write or update a locked config in the decorator of a kernel."

EXAMPLES = (
    Example(
        "a bare decorator",
        "import helion\n\n\n@helion.kernel\ndef f(x):\n    return x\n",
        'import helion\n\n\n@helion.kernel(\n    configs={\n        "NVIDIA H200": {\n'
        '            "f32[16]": helion.Config(block_sizes=[64]),\n        },\n    },\n)\ndef f(x):\n    return x\n',
    ),
    Example(
        "other arguments and comments stay",
        "from helion import kernel as k\nimport helion\n\n\n@k(static_shapes=False)  # dynamic\ndef f(x):\n    return x\n",
        'from helion import kernel as k\nimport helion\n\n\n@k(\n    static_shapes=False,\n    configs={\n        "NVIDIA H200": {\n'
        '            "f32[16]": helion.Config(block_sizes=[64]),\n        },\n    },\n)  # dynamic\ndef f(x):\n    return x\n',
    ),
    Example(
        "a single config becomes the fallback for every device",
        "import helion\n\n\n@helion.kernel(config=helion.Config(block_sizes=[32]))\ndef f(x):\n    return x\n",
        'import helion\n\n\n@helion.kernel(\n    configs={\n        "NVIDIA H200": {\n'
        '            "f32[16]": helion.Config(block_sizes=[64]),\n        },\n'
        '        "*": helion.Config(block_sizes=[32]),\n    },\n)\ndef f(x):\n    return x\n',
    ),
    Example(
        "an entry is updated in place",
        'import helion\n\n\n@helion.kernel(\n    configs={\n        "NVIDIA H200": {\n'
        '            # by hand\n            "f32[16]": helion.Config(block_sizes=[1]),\n        },\n    },\n)\ndef f(x):\n    return x\n',
        'import helion\n\n\n@helion.kernel(\n    configs={\n        "NVIDIA H200": {\n'
        '            # by hand\n            "f32[16]": helion.Config(block_sizes=[64]),\n        },\n    },\n)\ndef f(x):\n    return x\n',
    ),
)


def lock_config(text: str, qualname: str, *, device: str, signature: str | None, config: Mapping[str, object]) -> Rewritten | Refused:
    """`text` with `config` as the entry of `device` (and `signature`, if given) of the kernel's decorator.

    Refused when the decorator holds what cannot be rewritten safely: a variable, `**keywords`, a list of configs.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    module = parse_module(SourceFile("", text))
    kernels = [k for k in module.kernels if k.qualname == qualname] or [k for k in module.kernels if k.name == qualname]
    if len(kernels) != 1 or kernels[0].decorator is None:
        return Refused(f"there {'is no kernel' if not kernels else 'are several kernels'} `{qualname}`")
    span = kernels[0].decorator.span
    old = text[span.start : span.end]
    try:
        expression = cst.parse_expression(old.replace("\r\n", "\n"))
    except cst.ParserSyntaxError:
        return Refused("the decorator does not parse")
    line_start = text.rfind("\n", 0, span.start) + 1
    indent = text[line_start : span.start - 1]
    editor = _Decorator(kernels[0], indent, device, signature, config)
    new = editor.rewritten(expression)
    if isinstance(new, Refused):
        return new
    return Rewritten(text[: span.start] + new.replace("\n", newline) + text[span.end :])


def config_name(kernel: KernelSyntax) -> str:
    """How the file spells `helion.Config`."""
    for name, imported in kernel.module.imports.items():
        if imported.attribute == "Config" and imported.module.split(".")[0] == "helion":
            return name
    for name, imported in kernel.module.imports.items():
        if imported.module == "helion" and imported.attribute is None:
            return f"{name}.Config"
    return "dict"


class _Decorator:
    """The rewriting of one decorator expression."""

    def __init__(self, kernel: KernelSyntax, indent: str, device: str, signature: str | None, config: Mapping[str, object]) -> None:
        self._name = config_name(kernel)
        self._indent = indent
        self._device = device
        self._signature = signature
        self._config = config

    def rewritten(self, expression: cst.BaseExpression) -> str | Refused:
        if not isinstance(expression, cst.Call):
            return self._call(_code(expression), [], self._entries([]))
        if any(argument.star for argument in expression.args):
            return Refused("its arguments are unpacked from a variable")
        named = {a.keyword.value: a for a in expression.args if a.keyword is not None}
        found = named.get("configs")
        if found is not None and "config" in named:
            return Refused("it has both config= and configs=")
        if found is not None and isinstance(found.value, cst.Dict):
            return self._in_place(expression, found.value)
        if found is not None and not (isinstance(found.value, cst.List) and not found.value.elements):
            return Refused("configs= is not a mapping; key its configs by device first")
        single = named.get("config")
        fallback: list[tuple[str, str]] = []
        if single is not None:
            if not isinstance(single.value, cst.Call | cst.Dict):
                return Refused("config= is a variable; lock it where it is defined")
            fallback = [('"*"', _code(single.value))]
        rest = [_code(a.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for a in expression.args if a is not found and a is not single]
        return self._call(_code(expression.func), rest, self._entries(fallback))

    def _call(self, function: str, arguments: list[str], entries: str) -> str:
        inner = self._indent + "    "
        lines = "".join(f"{inner}{argument},\n" for argument in [*arguments, f"configs={{\n{entries}{inner}}}"])
        return f"{function}(\n{lines}{self._indent})"

    def _entries(self, others: list[tuple[str, str]]) -> str:
        indent = self._indent + " " * 8
        text = f"{indent}{literal(self._device)}: {self._device_value(indent)},\n"
        return text + "".join(f"{indent}{key}: {value},\n" for key, value in others)

    def _device_value(self, indent: str) -> str:
        if self._signature is None:
            return self._written(indent, literal(self._device))
        inner = indent + "    "
        return f"{{\n{inner}{literal(self._signature)}: {self._written(inner, literal(self._signature))},\n{indent}}}"

    def _written(self, indent: str, key: str) -> str:
        return config_text(self._name, self._config, indent, len(indent) + len(key) + 2)

    # -- an existing mapping ----------------------------------------------------------------------------------------

    def _in_place(self, call: cst.Call, mapping: cst.Dict) -> str | Refused:
        if any(not isinstance(e, cst.DictElement) for e in mapping.elements):
            return Refused("configs= unpacks another mapping")
        indent = self._indent + " " * 8
        entry = _find(mapping, self._device)
        if entry is None:
            value = _value(self._device_value(indent))
            return _code(call.deep_replace(mapping, _appended(mapping, literal(self._device), value, indent)))
        if self._signature is None:
            if isinstance(entry.value, cst.Dict):
                return Refused(f"{self._device} has entries by signature; give one")
            return self._replaced(call, entry, indent, literal(self._device))
        if not isinstance(entry.value, cst.Dict):
            return Refused(f"{self._device} has one config for every signature; unlock it first, or lock without a signature")
        inner = _find(entry.value, self._signature)
        if inner is not None:
            return self._replaced(call, inner, indent + "    ", literal(self._signature))
        value = _value(self._written(indent + "    ", literal(self._signature)))
        grown = _appended(entry.value, literal(self._signature), value, indent + "    ")
        return _code(call.deep_replace(entry.value, grown))

    def _replaced(self, call: cst.Call, entry: cst.DictElement, indent: str, key: str) -> str:
        return _code(call.deep_replace(entry.value, _value(self._written(indent, key))))


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


def _value(text: str) -> cst.BaseExpression:
    return cst.parse_expression(text)


def _find(mapping: cst.Dict, key: str) -> cst.DictElement | None:
    for element in mapping.elements:
        if isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString) and element.key.evaluated_value == key:
            return element
    return None


def _appended(mapping: cst.Dict, key: str, value: cst.BaseExpression, indent: str) -> cst.Dict:
    """The mapping with one more element on a line of its own, before what closes it."""
    new = cst.DictElement(cst.SimpleString(key), value)
    to_line = cst.ParenthesizedWhitespace(indent=False, last_line=cst.SimpleWhitespace(indent))
    to_close = cst.ParenthesizedWhitespace(indent=False, last_line=cst.SimpleWhitespace(indent[:-4]))
    if not mapping.elements:
        opened = mapping.lbrace.with_changes(whitespace_after=to_line)
        return mapping.with_changes(lbrace=opened, elements=[new.with_changes(comma=cst.Comma(whitespace_after=to_close))])
    *before, last = mapping.elements
    closing = last.comma if isinstance(last.comma, cst.Comma) else cst.Comma(whitespace_after=to_close)
    return mapping.with_changes(
        elements=[*before, last.with_changes(comma=cst.Comma(whitespace_after=to_line)), new.with_changes(comma=closing)]
    )
