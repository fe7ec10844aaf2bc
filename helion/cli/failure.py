"""A failure of a subcommand: rendered text for standard error and an exit code."""

from __future__ import annotations


class Failure(Exception):
    """Ends a subcommand; `text` is a rendered diagnostic or one sentence with a code."""

    def __init__(self, text: str, exit_code: int) -> None:
        super().__init__(text)
        self.text = text
        self.exit_code = exit_code


def failure(code: str, message: str, exit_code: int) -> Failure:
    """A failure that has no place in a file."""
    return Failure(f"error[{code}]: {message}", exit_code)
