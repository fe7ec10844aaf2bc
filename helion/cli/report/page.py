"""A tuning record in, one HTML page out: no script, no font, no image from anywhere; light and dark as the reader has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from helion.cli.report.charts import bar, best_so_far_chart
from helion.cli.report.style import STYLE
from helion.config.config import Config
from helion.trials.influence import Influence, influences_of
from helion.trials.record import TuningRecord
from helion.trials.trial import Trial

_MOST_TRIALS = 500
_MOST_VALUES = 8


def page_of(record: TuningRecord) -> str:
    """The whole page."""
    header = record.header
    title = f"{header.get('kernel', 'kernel')}({header.get('signature', '')}) on {header.get('device', header.get('target', '?'))}"
    sections = [_summary(record), _kept(record), _curve(record), _influence(record), _failures(record), _trials(record)]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(str(header.get('kernel', 'kernel')))}</h1>\n"
        f"<p class=what><code>{escape(str(header.get('signature', '')))}</code> on {escape(str(header.get('device', '?')))}</p>\n"
        + "\n".join(section for section in sections if section)
        + "\n</main>\n</body>\n</html>\n"
    )


def _summary(record: TuningRecord) -> str:
    word = "estimated" if record.header.get("method") == "model" else "measured"
    best = record.best_first[0] if record.best_first else None
    default = record.default
    facts: list[tuple[str, str]] = []
    if best is not None:
        facts.append((f"best, {word}", f"{best.microseconds:.2f} µs"))
    if default is not None and default.succeeded:
        facts.append(("default", f"{default.microseconds:.2f} µs"))
        if best is not None:
            facts.append(("speed-up", f"{default.microseconds / best.microseconds:.2f}×"))
    failed = sum(count for _, count, _ in record.failures)
    facts += [("trials", str(len(record.trials))), ("failed", str(failed))]
    facts += [("search", str(record.result["search"]))] if "search" in record.result else []
    tiles = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    return f"<dl class=facts>{tiles}</dl>\n{_conclusion(record)}"


def _conclusion(record: TuningRecord) -> str:
    result = record.result
    if not result:
        return "<p class=note>This tuning has not come to an end: it was killed, or is still running.</p>"
    if "failed" in result:
        return f"<p class=note>No config was kept: {escape(str(result.get('message') or result['failed']))}</p>"
    words = "The search was stopped before its end; its winner was not confirmed. " if result.get("partial") else ""
    words += "" if result.get("significant") else _nothing_faster(record)
    correctness: Mapping[str, Any] = result.get("correctness") or {}
    if correctness.get("passed"):
        sets, repeats = correctness.get("input_sets"), correctness.get("repeats")
        words += f"The winner's results match {correctness.get('reference')} on {sets} inputs, {repeats} runs each."
    return f"<p class=note>{escape(words)}</p>" if words else ""


def _nothing_faster(record: TuningRecord) -> str:
    if record.header.get("method") == "model":
        return "No estimated gain is beyond the model's own error: what is in use stays. Measure on a GPU. "
    return "Nothing was faster by more than the noise than what is in use. "


def _kept(record: TuningRecord) -> str:
    """The config that the tuning ended with: not always the fastest trial, whose lead may be noise."""
    config, time = record.result.get("config"), record.result.get("us")
    if config is None or time is None:
        return ""
    before, default = record.result.get("current_us"), record.result.get("default_us")
    others = [f"{float(us):.2f} µs {what}" for us, what in ((before, "in use before"), (default, "by default")) if us is not None]
    compared = f"; {', '.join(others)}" if others else ""
    return f"<section><h2>Kept</h2><p>{float(time):.2f} µs{compared}.</p><p>{_diff(record.changes(Config.from_dict(config)))}</p></section>"


def _curve(record: TuningRecord) -> str:
    default = record.default.outcome.microseconds if record.default is not None else None
    return f"<section><h2>Best so far</h2>{best_so_far_chart(record.trials, record.best_so_far(), default)}</section>"


def _influence(record: TuningRecord) -> str:
    found = influences_of(record)
    if not found:
        return ""
    rows = "".join(map(_influence_row, found))
    words = "How much of the spread of times the value of each knob accounts for. Knobs that were varied together share it."
    head = "<tr><th>knob</th><th>share</th><th>values: best time (trials)</th></tr>"
    return f"<section><h2>What mattered</h2><p>{words}</p>{_table(head, rows)}</section>"


def _influence_row(influence: Influence) -> str:
    shown = influence.values[:_MOST_VALUES]
    values = ", ".join(f"<code>{_value(value)}</code> {best:.2f} µs ({count})" for value, best, _, count in shown)
    more = f", {len(influence.values) - len(shown)} more" if len(influence.values) > len(shown) else ""
    share = f"{bar(influence.share)}<span class=number>{influence.share:.0%}</span>"
    return f"<tr><td><code>{escape(influence.knob)}</code></td><td class=share>{share}</td><td>{values}{more}</td></tr>"


def _failures(record: TuningRecord) -> str:
    if not record.failures:
        return ""
    most = max(count for _, count, _ in record.failures)
    rows = "".join(
        f"<tr><td><code>{escape(kind)}</code></td><td class=share>{bar(count / most)}<span class=number>{count}</span></td>"
        f"<td><details><summary>{escape(_first_line(message))}</summary><pre>{escape(message)}</pre></details></td></tr>"
        for kind, count, message in record.failures
    )
    words = "The tuner filters these configs; they say nothing against the kernel unless all fail."
    head = "<tr><th>kind</th><th>count</th><th>the first</th></tr>"
    return (
        f"<section><h2>Failures</h2><p>{words}</p><div class=wide><table><thead>{head}</thead><tbody>{rows}</tbody></table></div></section>"
    )


def _table(head: str, rows: str) -> str:
    return f"<div class=wide><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>"


def _first_line(message: str) -> str:
    return next((line for line in reversed(message.strip().splitlines()) if line.strip()), "")[:160]


def _trials(record: TuningRecord) -> str:
    numbers = {trial.index: number for number, trial in enumerate(record.trials, 1)}
    ordered = [*record.best_first, *(t for t in record.trials if not t.succeeded)]
    shown = ordered[:_MOST_TRIALS]
    rows = "".join(_trial_row(record, trial, numbers[trial.index]) for trial in shown)
    head = "<tr><th>#</th><th>time</th><th>registers</th><th>shared</th><th>differs from the default in</th></tr>"
    more = f"<p>{len(ordered) - len(shown)} more are in the log.</p>" if len(ordered) > len(shown) else ""
    return f"<section><h2>Trials</h2>{_table(head, rows)}{more}</section>"


def _trial_row(record: TuningRecord, trial: Trial, number: int) -> str:
    failure = trial.outcome.failure
    time = f"{trial.microseconds:.2f} µs" if failure is None else f"<span class=failed>{escape(failure.kind)}</span>"
    resources = trial.outcome.resources
    registers, spills, shared = resources.get("registers"), resources.get("spills"), resources.get("shared_memory")
    used = "" if registers is None else f"{registers}{f' + {spills} spilled' if spills else ''}"
    memory = "" if shared is None else f"{int(shared) / 1024:.0f} KiB"
    cells = "".join(f"<td class=number>{cell}</td>" for cell in (number, time, used, memory))
    return f"<tr>{cells}<td>{_diff(record.changes(trial.config))}</td></tr>"


def _diff(changes: Iterable[tuple[str, str, str]]) -> str:
    parts = [
        f"<span class=change><code>{escape(n)}</code> <del>{_value(old)}</del> <ins>{_value(new)}</ins></span>" for n, old, new in changes
    ]
    return " ".join(parts) or "<em>the default</em>"


def _value(text: str) -> str:
    """A knob's value; an empty one, which some have, in quotes."""
    return escape(text) if text else "&quot;&quot;"
