"""Numbers in, SVG text out, coloured by the page's own custom properties so that one drawing serves light and dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from helion.trials.trial import Trial

_WIDTH, _HEIGHT = 1040, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 12, 34


def best_so_far_chart(trials: Sequence[Trial], steps: Sequence[tuple[int, float]], default: float | None) -> str:
    """Every trial's time as a point, the best so far as a line, the default's as a dashed one; times on a log scale."""
    timed = [(number, t) for number, t in enumerate(trials, 1) if t.succeeded]
    if not timed:
        return "<p>No trial has a time.</p>"
    # Trials far slower than the default would squeeze what matters into a corner: they stand at the upper edge.
    low = min(time for _, time in steps)
    high = min(max(t.microseconds for _, t in timed), 4 * (default or low))
    scale = _Scale(len(trials), low / 1.08, max(high, low * 1.3) * 1.08)
    parts = [_grid(scale)]
    for number, trial in timed:
        x, y = scale.x(number), scale.y(trial.microseconds)
        title = f"<title>trial {number}: {trial.microseconds:.2f} µs</title>"
        parts.append(f'<circle class="trial" cx="{x:.1f}" cy="{y:.1f}" r="2.4">{title}</circle>')
    if default is not None:
        y = scale.y(default)
        parts.append(f'<line class="default" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="label" x="{_WIDTH - _RIGHT}" y="{y - 5:.1f}" text-anchor="end">default {default:.2f} µs</text>')
    path = _steps(scale, steps, len(trials))
    parts.append(f'<path class="best" d="{path}"/>')
    label = f"Best time so far over {len(trials)} trials, from {steps[0][1]:.2f} to {low:.2f} microseconds"
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'


class _Scale:
    def __init__(self, count: int, low: float, high: float) -> None:
        self.count, self.low, self.high = count, low, high

    def x(self, number: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (number - 1) / max(1, self.count - 1)

    def y(self, time: float) -> float:
        share = math.log(min(max(time, self.low), self.high) / self.low) / math.log(self.high / self.low)
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share


def _grid(scale: _Scale) -> str:
    parts: list[str] = []
    for tick in _ticks(scale.low, scale.high):
        y = scale.y(tick)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="label" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:g} µs</text>')
    for number in sorted({1, (scale.count + 1) // 2, scale.count}):
        parts.append(f'<text class="label" x="{scale.x(number):.1f}" y="{_HEIGHT - 12}" text-anchor="middle">{number}</text>')
    return "".join(parts)


def _ticks(low: float, high: float) -> list[float]:
    """Four or five round values between two."""
    raw = (high - low) / 4
    step = 10 ** math.floor(math.log10(raw))
    step *= next(factor for factor in (1, 2, 5, 10) if factor * step >= raw)
    first = math.ceil(low / step)
    return [round(n * step, 10) for n in range(first, math.floor(high / step) + 1)]


def _steps(scale: _Scale, steps: Sequence[tuple[int, float]], count: int) -> str:
    (first, time), *rest = steps
    path = f"M{scale.x(first):.1f} {scale.y(time):.1f}"
    for number, best in rest:
        path += f"H{scale.x(number):.1f}V{scale.y(best):.1f}"
    return f"{path}H{scale.x(count):.1f}"


def bar(share: float) -> str:
    """A bar of that share of its cell."""
    return f'<span class="bar"><span style="width:{max(0.0, min(1.0, share)) * 100:.1f}%"></span></span>'
