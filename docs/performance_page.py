"""The JSON of benchmarks/results in, the page of what was measured out; adds no number of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docs.editor_tables import latency_table, peers_table
from docs.goal_table import Measured, goal_table
from docs.plot_link import plot_link
from docs.suite_tables import cell, suite_tables

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"


def performance_page() -> str:
    """Tables of the kernels and of the latencies, each with the command that measured it."""
    lines = [
        "# Performance",
        "",
        "Written by `python -m docs.generate` from the files of `benchmarks/results`: what benchmarks wrote, and findings in words.",
        "Medians, a cold L2 cache, and all columns of a row in one run.",
        "`eager` is torch's own kernel (cuBLAS, cuDNN), `torch.compile` its `max-autotune` without graphs, which would hide launches,",
        "`Liger` Liger's forward where it has one, `flash` torch's flash attention, `default` the toolkit's config without tuning,",
        "`tuned` what a short tuning found, `upstream` the published `helion` with its default configs, `upstream quick` after its quick",
        "tuning: the same kernels on the same inputs, in a process of its own that takes its turn in every round.",
        "The *floor* is the kernel's bytes or FLOP at the speed that the same machine copies memory or",
        "multiplies large matrices, `copy` a copy of as many bytes in the same rounds, where that was measured.",
        "`failed` is a run that gave no valid result in that session.",
        "",
        "## Goals, and which are met",
        "",
        *_goals(),
        "",
        "## Kernels",
        "",
        *suite_tables(_of_h200("kernels")),
        "",
        "## Beside the published tuning",
        "",
        *_quick(),
        "",
        "## What was found in kernels that were behind",
        "",
        *_findings(),
        "",
        "## The two largest, tuned for two minutes",
        "",
        *_two_minutes(),
        "",
        "## What a call costs",
        "",
        *_calls(),
    ]
    lines += ["", "## One kernel, eight shapes", "", *_shapes()]
    lines += ["", "## How soon a tuning measures", "", *_tuning_start()]
    lines += ["", "## The model that ranks without a GPU", "", *_model()]
    lines += ["", "## Editor and compiler", "", *_latencies()]
    lines += ["", "## Locks, codemods and the command line", "", *_locks()]
    lines += ["", "## Working on the toolkit", "", *_development()]
    return "\n".join(lines) + "\n"


def _of_h200(name: str) -> Any:
    return _of_here(f"h200/{name}")


def _of_here(name: str) -> Any:
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def _goals() -> Iterator[str]:
    yield "From the files that the tables below show. A row that a run beside the published tuning has is of that run, with torch.compile's"
    yield "and Liger's time of the whole suite as it stands there to `eager`."
    yield ""
    suites = (_of_h200(name)["workloads"] for name in ("kernels", "upstream_quick"))
    calls, shapes = _of_h200("launch_overhead")["microseconds"], _of_h200("dynamic_shapes")["kernels"]
    yield from goal_table(Measured(*suites, calls, shapes, _of_h200("compile_latency")))


def _quick() -> Iterator[str]:
    found = _of_h200("upstream_quick")
    columns = ("eager", "upstream", "upstream quick", "default", "tuned")
    yield "The published `helion` after its quick tuning with a budget of 60 s, and ours after 16, 40 or 50 s, in turns; µs, and the"
    yield "seconds that each took."
    yield ""
    yield f"| kernel | {' | '.join(columns)} | its tuning, s | ours, s |"
    yield "|---" + "|---:" * (len(columns) + 2) + "|"
    for row in found["workloads"]:
        times = " | ".join(cell(row, name) for name in columns)
        seconds = " | ".join(f"{row['seconds'][name]:.0f}" for name in ("upstream quick", "tuned"))
        yield f"| {row['workload'].replace(' ', '&nbsp;')} | {times} | {seconds} |"
    yield ""
    yield "Measured by " + " and ".join(f"`{command}`" for command in found["commands"]) + "."


def _findings() -> Iterator[str]:
    found = _of_h200("findings")
    yield f"From their generated code, their PTX and runs of single configs; {found['device']}."
    yield ""
    yield "| kernel | what was seen | what was done | before, µs | after, µs |"
    yield "|---|---|---|---:|---:|"
    for row in found["findings"]:
        times = (f"{row[when]:,.1f}" if row[when] is not None else "" for when in ("before_us", "after_us"))
        yield f"| {row['kernel']} | {row['seen']} | {row['done']} | {' | '.join(times)} |"


def _two_minutes() -> Iterator[str]:
    yield "Of an earlier run and older defaults, ours and torch's each measured by itself, on a device as cool as it was then; in the table"
    yield "above they take turns at the clock that the power limit leaves."
    yield ""
    yield "| kernel | arguments | seconds | configs tried | beats the default | ours, TFLOP/s | torch's, TFLOP/s |"
    yield "|---|---|---:|---:|---|---:|---|"
    for kernel in _of_h200("tune_h200"):
        peers = ", ".join(f"{name} {times['tflops']:.0f}" for name, times in kernel["torch"].items() if "tflops" in times)
        beats = "yes" if kernel["significant"] else "not by more than the noise"
        tuning = f"{kernel['seconds']:.0f} | {kernel['trials']} | {beats}"
        yield f"| {kernel['kernel']} | `{kernel['arguments']}` | {tuning} | {kernel['tflops']:.0f} | {peers} |"


def _calls() -> Iterator[str]:
    found = _of_h200("launch_overhead")
    yield f"Microseconds of the host for one warm call with little work; {found['device']}, torch {found['torch']}, triton"
    yield f"{found['triton']}."
    yield f"Measured by `{found['command']}`."
    yield ""
    yield "| call | µs |"
    yield "|---|---:|"
    yield from (f"| {name} | {time:.1f} |" for name, time in found["microseconds"].items())


_SHAPES_FOUND = (
    "Triton compiles for no value of a size. Whether rows are aligned, that is sizes of neighbours and other strides multiples of 16",
    "bytes and of 8 elements, tells calls apart instead, and is known in the code: the copy engine moves what it moves where sizes are",
    "known, and attention masks its last round only. A product is tiled for many rows wherever these fill a fifth of the device, which",
    "256 rows pay for.",
    "Rms_norm is 0.5 to 1.5 µs slower: NVIDIA's assembler puts its four loads of the weights, which masks guard, one behind the",
    "arithmetic of the other, where those of the static kernel are issued at once.",
    "",
    "Rows that are held whole compile once a power of two, here five times, each with the default of its length: one compilation for",
    "all would walk every row in chunks and load it again, which takes softmax in two passes over rows of 8,192 from 37 to 44 µs. A row",
    "that fills its power of two badly (5,000 of 8,192 columns, 12,288 of 16,384) is computed on lanes that hold nothing: where the",
    "length is a constant the assembler leaves them out.",
)


def _shapes() -> Iterator[str]:
    found = _of_h200("dynamic_shapes")
    yield "With `static_shapes=False`, default configs: how often eight shapes compile, and how many times as long the calls take as"
    yield "those of static kernels, median and most of the shapes: with the same config, which is what unknown sizes cost, and with the"
    yield "default config of each shape, which adds that one config serves many. The goal is one compilation and 1.10 at most."
    yield ""
    yield "| kernel, what varies | compiled | same config | own configs |"
    yield "|---|---:|---:|---:|"
    for name, one in found["kernels"].items():
        same, own = one["slower_than_same_config"], one["slower_than_static"]
        yield f"| {name} | {one['compilations']} | {same['median']:.2f}, {same['most']:.2f} | {own['median']:.2f}, {own['most']:.2f} |"
    yield ""
    yield f"Measured by `{found['command']}` on the machine of the table above."
    yield ""
    yield from _SHAPES_FOUND


def _tuning_start() -> Iterator[str]:
    found = _of_h200("tuning_start")
    yield f"Seconds from the call, nothing in a cache, {found['cores']} cores; kernels are tuned one after the other in one process, as the"
    yield "calls of a program are: the first starts the processes that compile. The default is measured while others compile."
    yield ""
    yield "| kernel | first measured | second | configs in 10 s |"
    yield "|---|---:|---:|---:|"
    for kernel in found["kernels"]:
        times = f"{kernel['first_measured_s']:.1f} | {kernel['second_measured_s']:.1f} | {kernel['configs_in_10_s']}"
        yield f"| {kernel['kernel']} `{kernel['arguments']}` | {times} |"
    yield ""
    yield f"Measured by `{found['command']}`, load {found['load']:.0f}: tests ran beside it."


def _model() -> Iterator[str]:
    found = _of_h200("model_correlation")
    yield "The same configs, drawn at random, estimated and measured. A tuning without a GPU only needs their order to be right: ρ is"
    yield f"Spearman's rank correlation. Estimates are for {found['target']}; what was measured ran on an H200."
    yield ""
    yield from plot_link("model", "Estimated against measured times of random configs, a panel a kernel")
    yield "| kernel | configs | ρ | best of them, µs | the model's choice, µs |"
    yield "|---|---:|---:|---:|---:|"
    for kernel in found["kernels"]:
        best, chosen = kernel["best_measured_us"], kernel["measured_us_of_models_choice"]
        name = f"{kernel['kernel']} `{kernel['arguments']}`"
        yield f"| {name} | {kernel['pairs']} | {kernel['spearman']:.2f} | {best:.1f} | {chosen:.1f} |"
    yield from _claims(found["claims"])


def _claims(claims: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield "How often it is right that one of two configs is faster, by how much it says so. A gain is real when it was measured, beyond the"
    yield "noise. A tuning replaces a default, which is seldom slow, so what counts is the last column: of pairs whose slower config, as"
    yield "the model has it, is of the faster half of its kernel's."
    yield ""
    yield "| estimated gain | pairs | real | of them over a good config | real |"
    yield "|---|---:|---:|---:|---:|"
    for one in claims["ranges"]:
        shares = [f"{one[name]} | {one[name + '_real'] / one[name]:.0%}" for name in ("all", "good")]
        yield f"| {one['from']:.0%} to {one['to']:.0%} | {' | '.join(shares)} |"
    yield ""
    yield f"The least gain of which {claims['wanted']:.0%} are real (isotonic fit) is {claims['resolution']:.0%} of the time before. This"
    yield "is the model's resolution: a tuning without a GPU claims no smaller gain, and leaves what is in use."


def _latencies() -> Iterator[str]:
    editor = _of_here("lsp_latency")
    compiling = _of_here("compile_latency")
    yield f"On {editor['machine']}, {editor['date']}, load {editor['load']}; measured by"
    yield f"`{editor['command']}` and `{compiling['command']}`."
    yield ""
    yield from plot_link("editor", "Medians and 95 % of what an editor waits for, with their goals")
    yield from latency_table(editor)
    yield ""
    window = _of_here("vscode_start")
    yield f"In a real VS Code, {window['date']} ({window['cores']} cores, median of {window['rounds']} windows,"
    yield f"`{window['command']}`): the extension takes"
    yield f"{window['activation_ms']} ms to activate; from where a file begins to open to its first typed hover pass"
    yield f"{window['cold_hover_ms'] / 1000:.1f} s in a new window, torch's import included, and {window['warm_hover_ms'] / 1000:.1f} s"
    yield f"beside a server that runs, the keys that go there included. The package has {window['vsix_bytes'] / 1000:.0f} kB."
    yield ""
    yield from _peers()
    yield "The compiler itself, without the editor, and on the machine of the GPU, which goals are about; arguments without data, no GPU:"
    yield ""
    yield "| kernel | machine | check, ms | lower, ms | first of a process, ms | new shape, ms | another config, ms |"
    yield "|---|---|---:|---:|---:|---:|---:|"
    beside = _of_h200("compile_latency")
    for found in (compiling, beside):
        yield from _compiling(found)
    yield ""
    imported = " and ".join(f"{found['import_language_ms']:.0f} ms" for found in (compiling, beside))
    yield f"`import helion` with its language takes {imported} over torch (goal 400). The first bind and code of a process include what the"
    yield "compiler imports, for attention also TorchInductor (goal 400 for matmul); a new shape has goals of 60 and 150 ms, another"
    yield f"config of 5 and 15. Load {compiling['load']} and {beside['load']}."


def _compiling(found: Mapping[str, Any]) -> Iterator[str]:
    steps = ("check_ms", "lower_ms", "first_bind_and_code_ms", "new_shape_ms", "second_config_ms")
    machine = f"{found['cores']} cores, Python {found['python']}"
    for kernel, times in ((name, times) for name, times in found.items() if isinstance(times, dict)):
        yield f"| {kernel} | {machine} | {' | '.join(f'{times[step]:.1f}' for step in steps)} |"


def _peers() -> Iterator[str]:
    path = RESULTS / "lsp_peers.json"
    if not path.is_file():
        return  # measured on an idle machine only, with the peers installed
    found = json.loads(path.read_text(encoding="utf-8"))
    yield f"**Beside other Python language servers**, on `{found['file']}`, one after the other: medians and 95 % in ms, with the machine's"
    yield f"load. What only one of them knows is left out. On {found['machine']}, {found['date']}; measured by `{found['command']}`."
    yield ""
    yield from peers_table(found)
    yield ""


def _locks() -> Iterator[str]:
    measured = _of_here("locks")
    writing = _of_here("lock_latency")
    calls, checks = measured["selection_ns_a_call"], measured["check_50_kernels_s"]
    yield "Measured by `python -m benchmarks.locks` and `python -m benchmarks.lock_latency`, whole processes with their imports where not"
    yield "said otherwise, on an idle machine of two cores."
    yield "What codemods did to the files of other packages is in `benchmarks/results/codemod_corpus.txt`."
    yield ""
    yield "| what | measured |"
    yield "|---|---:|"
    yield f"| a call's host time without its launch: no lock | {calls['no_lock'] / 1000:.1f} µs |"
    yield f"| the same with a lock for its signature | {calls['locked'] / 1000:.1f} µs |"
    yield f"| the same of several signatures, sizes as arguments | {calls['several_locks_dynamic_sizes'] / 1000:.1f} µs |"
    yield f"| `helion check` of 50 kernels in ten files, nothing known of them | {checks['cold']:.1f} s |"
    yield f"| the same when nothing was edited | {checks['warm']:.2f} s |"
    yield f"| the same when one of the files was | {checks['one_of_ten_files_edited']:.1f} s |"
    yield f"| `helion refresh audit` of the {measured['examples']} examples | {measured['refresh_audit_examples_s']:.1f} s |"
    for name in ("text to text", "file and evidence, under locks and a journal"):
        row = writing[name]
        words = f"{row['median_ms']:.0f} ms, {row['median_processor_ms']:.0f} ms of a processor"
        yield f"| lock of one kernel in a file of {writing['lines']:,} lines: {name} | {words} |"


def _development() -> Iterator[str]:
    found = _of_here("development")
    yield f"Measured by `{found['command']}`. Where more processes than cores wanted to run, wall times are longer than on an idle machine;"
    yield "processor times are not."
    yield ""
    yield "| step | wall, s | processor, s | cores | processes that wanted one | date |"
    yield "|---|---:|---:|---:|---:|---|"
    for step in found["steps"].values():
        failed = "" if step["passed"] else ", failed"
        times = f"{step['wall_s']:.0f} | {step['processor_s']:.0f} | {step['cores']} | {step['load_average']:.1f} | {step['date']}"
        yield f"| {step['what']}{failed} | {times} |"
