"""The report's style sheet."""

from __future__ import annotations

STYLE = """\
:root { --page: #fcfcfb; --text: #1c1d1f; --soft: #5d6166; --line: #dfe1e4; --panel: #f2f3f4; --best: #0a6bc9; --point: #9aa7b5;
  --bad: #b3261e; --good: #19722f; }
@media (prefers-color-scheme: dark) { :root { --page: #17181a; --text: #e8e9ea; --soft: #a2a7ad; --line: #35383c; --panel: #212327;
  --best: #6cb2ff; --point: #6b7784; --bad: #ff8a80; --good: #7bd48e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; margin: 0; }
h2 { font-size: 18px; margin: 36px 0 8px; }
p { margin: 4px 0 10px; max-width: 76ch; }
.what { color: var(--soft); }
.note { border-left: 3px solid var(--best); padding-left: 12px; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; white-space: pre-wrap; }
.facts { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0; }
.facts div { background: var(--panel); border-radius: 8px; padding: 10px 16px; min-width: 110px; }
dt { color: var(--soft); font-size: 13px; }
dd { margin: 0; font-size: 20px; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: auto; display: block; }
.grid { stroke: var(--line); }
.label { fill: var(--soft); font-size: 12px; }
.trial { fill: var(--point); }
.default { stroke: var(--soft); stroke-dasharray: 5 4; }
.best { fill: none; stroke: var(--best); stroke-width: 2.2; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; color: var(--soft); font-weight: 500; }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.share { white-space: nowrap; }
.bar { display: inline-block; width: 110px; height: 9px; margin-right: 8px; border-radius: 5px; overflow: hidden;
  background: var(--panel); }
.bar span { display: block; height: 100%; background: var(--best); }
.change { display: inline-block; margin-right: 12px; }
del { color: var(--soft); }
ins { color: var(--good); text-decoration: none; font-weight: 600; }
.failed { color: var(--bad); }
summary { cursor: pointer; }
"""
