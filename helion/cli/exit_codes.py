"""What a subcommand's exit code means; docs/cli.md lists the same."""

from __future__ import annotations

OK = 0
PROBLEMS = 1
USAGE = 2
NOT_FOUND = 3
TUNING_FAILED = 4
REFUSED = 5
INTERNAL_ERROR = 70
CANCELLED = 130
