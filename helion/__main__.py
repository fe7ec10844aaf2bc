"""`python -m helion` is the `helion` command."""

from __future__ import annotations

from helion.cli.__main__ import main

main()
