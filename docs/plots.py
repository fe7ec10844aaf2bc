"""The JSON of benchmarks/results in, the pictures of the performance page out, as files of the site: a hook of MkDocs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, PercentFormatter
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from docs.editor_tables import MEASURES

_RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
_MARKS = {
    "eager": "s",
    "torch.compile": "D",
    "Liger": "v",
    "flash": "^",
    "upstream": "X",
    "upstream quick": "X",
    "default": "o",
    "tuned": "o",
}
_WIDTH = 9.0  # of the page's text, in inches
_HOLLOW = {"upstream", "default"}  # without tuning; with it the same mark is filled


@dataclass(frozen=True)
class Theme:
    """`name` is what Material calls it in a link, `#only-light`; the colours of peers are told apart by everybody (Okabe and Ito)."""

    name: str
    text: str
    grid: str
    ours: str
    peers: Mapping[str, str]


def _peers(eager: str, compiled: str, liger: str, flash: str, upstream: str) -> Mapping[str, str]:
    return {
        "eager": eager,
        "torch.compile": compiled,
        "Liger": liger,
        "flash": flash,
        "upstream": upstream,
        "upstream quick": upstream,
    }


THEMES = (
    Theme("light", "#333333", "#dddddd", "#3949ab", _peers("#d55e00", "#009e73", "#56b4e9", "#cc79a7", "#8a6d00")),
    Theme("dark", "#dddddd", "#444444", "#9fa8da", _peers("#e69f00", "#2fc79a", "#56b4e9", "#e8a3cc", "#f0e442")),
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Called by MkDocs: every plot in both themes, beside the pages."""
    for name, draw in PLOTS.items():
        for theme in THEMES:
            files.append(File.generated(config, f"plots/{name}.{theme.name}.svg", content=svg(draw, theme)))
    return files


def svg(draw: Callable[[Theme], Figure], theme: Theme) -> str:
    """A plot as text of SVG, the same for the same numbers; words stay words, so that they can be searched and read aloud."""
    style = {
        "svg.fonttype": "none",
        "svg.hashsalt": "helion",
        "font.family": "sans-serif",
        "font.size": 10,
        "text.color": theme.text,
        "axes.labelcolor": theme.text,
        "axes.edgecolor": theme.grid,
        "xtick.color": theme.text,
        "ytick.color": theme.text,
        "grid.color": theme.grid,
        "axes.axisbelow": True,
    }
    with rc_context(style):
        out = StringIO()
        draw(theme).savefig(out, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None})
    return out.getvalue()


def _kernels(theme: Theme) -> Figure:
    """How near each comes to what the machine can do: a line a kernel, a mark a provider."""
    rows: list[Mapping[str, Any]] = _read("h200/kernels.json")["workloads"][::-1]
    figure, axes = _figure(_WIDTH, 0.9 + 0.3 * len(rows))
    for provider, mark in _MARKS.items():
        places = [(row["of_floor"][provider], y) for y, row in enumerate(rows) if provider in row["of_floor"]]
        if places:
            colour = theme.peers.get(provider, theme.ours)
            filled = "none" if provider in _HOLLOW else colour
            axes.scatter(*zip(*places), marker=mark, s=44, facecolors=filled, edgecolors=colour, label=provider, linewidths=1.5)
    axes.set_yticks(range(len(rows)), [row["workload"] for row in rows])
    axes.set_xlim(0, 1.08)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.axvline(1, color=theme.text, linewidth=0.8, linestyle=":")
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.grid(visible=True)
    # The figure's own: as the axes' they would be held to its width, and make it narrower by the length of the names.
    figure.supxlabel("of the speed at which the machine copies memory or multiplies large matrices", fontsize=10)
    figure.legend(loc="outside upper center", ncols=len(_MARKS), frameon=False)
    return figure


def _tuning(theme: Theme) -> Figure:
    """How soon each tuning came to its best: a line a kernel, down to 1; none where the suite was measured without the way there."""
    curves: list[list[list[float]]] = [row["curve"] for row in _read("h200/kernels.json")["workloads"] if row.get("curve")]
    figure, axes = _figure(_WIDTH, 3.2)
    for curve in curves:
        seconds, times = zip(*curve, strict=True)
        axes.step(seconds, [us / times[-1] for us in times], where="post", color=theme.ours, alpha=0.5, linewidth=1.2)
        axes.scatter(seconds[-1:], [1.0], s=14, color=theme.ours)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlabel("seconds of tuning")
    axes.set_ylabel("best so far over the best of all")
    axes.grid(visible=True)
    return figure


def _model(theme: Theme) -> Figure:
    """What the model ranked by against what was measured: a panel a kernel, a mark a config."""
    kernels: list[Mapping[str, Any]] = _read("h200/model_correlation.json")["kernels"]
    figure = Figure(figsize=(_WIDTH, 3.2), layout="constrained")
    panels: list[Axes] = list(figure.subplots(1, len(kernels)))
    for axes, kernel in zip(panels, kernels, strict=True):
        pairs = [(c["model_us"], c["measured_us"]) for c in kernel["configs"] if c["model_us"] and c["measured_us"]]
        axes.scatter(*zip(*pairs), s=22, color=theme.ours)
        ends = [min(map(min, pairs)), max(map(max, pairs))]
        axes.plot(ends, ends, color=theme.text, linewidth=0.8, linestyle=":")
        axes.set_xscale("log")
        axes.set_yscale("log")
        _plain_ticks(axes.xaxis)
        _plain_ticks(axes.yaxis)
        axes.set_title(f"{kernel['kernel']}: ρ = {kernel['spearman']:.2f}", fontsize=10)
        axes.set_xlabel("estimated, µs")
        axes.grid(visible=True)
    panels[0].set_ylabel("measured on H200, µs")
    return figure


def _editor(theme: Theme) -> Figure:
    """Medians and 95 % of what an editor waits for, and the goals."""
    found = _read("lsp_latency.json")
    goals = found["goals_ms"]
    rows = [
        (words, found[name]["p50"], found[name]["p95"], max(goals[name].values()))
        for name, words in MEASURES.items()
        if name in goals and found[name]["p50"] > 0
    ]
    figure, axes = _figure(_WIDTH, 0.9 + 0.32 * len(rows))
    for y, (_, median, late, goal) in enumerate(reversed(rows)):
        axes.plot([median, max(median, late)], [y, y], color=theme.ours, linewidth=5, alpha=0.4, solid_capstyle="round")
        axes.scatter([median], [y], s=44, color=theme.ours, label="median, to 95 %" if y == 0 else None, zorder=3)
        axes.scatter([goal], [y], marker="|", s=160, color=theme.peers["eager"], label="goal" if y == 0 else None)
    axes.set_yticks(range(len(rows)), [row[0] for row in reversed(rows)])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xscale("log")
    _plain_ticks(axes.xaxis)
    axes.set_xlabel("ms")
    axes.grid(visible=True)
    figure.legend(loc="outside upper center", ncols=2, frameon=False)
    return figure


def _plain_ticks(axis: Axis) -> None:
    """Numbers as they are said, at each decade: between them long ones would touch."""
    axis.set_major_locator(LogLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _read(name: str) -> Any:
    return json.loads((_RESULTS / name).read_text(encoding="utf-8"))


PLOTS: Mapping[str, Callable[[Theme], Figure]] = {
    "kernels": _kernels,
    "tuning": _tuning,
    "model": _model,
    "editor": _editor,
}
