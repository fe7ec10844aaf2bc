"""The command group: finds a subcommand's module by its name and runs it; `helion lsp` must not pay for what others import."""

from __future__ import annotations

import difflib
import platform
import sys
from importlib import metadata

import click

from helion.cli.exit_codes import CANCELLED, INTERNAL_ERROR, NOT_FOUND, USAGE
from helion.cli.failure import Failure
from helion.cli.late_import import late_import

_SECTIONS = {
    "Look": {
        "check": "Report every problem of the kernels in files or folders.",
        "show": "Print what the compiler knows of a kernel: types, IR, space, Triton, PTX, resources.",
        "run": "Call a kernel once, on its examples or made-up arguments; HELION_INTERPRET=1 has Python run it.",
        "explain": "Print a diagnostic's manual page, or which lock would serve a call, and why.",
    },
    "Tune": {
        "tune": "Search for the fastest config of a kernel; estimated where there is no GPU.",
        "bench": "Time the default, the locked and given configs of a kernel side by side.",
        "report": "Write one HTML page about a tuning, from its trial log.",
        "refresh": "Keep locked configs true: audit, plan, run, check, borrow, worker.",
    },
    "Change sources": {
        "lock": "Write a config into a kernel's decorator.",
        "unlock": "Remove locked configs from decorators.",
        "prune": "Remove locks that change nothing.",
        "remap": "Put the lists of locked configs in order after an edit of the kernel.",
        "migrate": "Key configs by device, or back; import config files of inference engines.",
        "annotate": "Write inferred shapes as annotations or asserts.",
        "fix": "Apply the safe fixes of all diagnostics.",
    },
    "Ship": {
        "precompile": "Compile every locked config for its device, without a GPU.",
        "export": "Write a kernel's locked variants as one file that needs torch and triton only.",
    },
    "This installation": {
        "cache": "Look into and clear what is kept between runs.",
        "completion": "Print the completion script of a shell.",
        "lsp": "Run the language server on standard input and output.",
    },
}
_COMMANDS = tuple(name for section in _SECTIONS.values() for name in section)


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        return late_import(f"helion.cli.commands.{cmd_name}").command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        close = difflib.get_close_matches(args[0], _COMMANDS, 1)
        if close and args[0] not in _COMMANDS:
            ctx.fail(f"No such command '{args[0]}'. Did you mean '{close[0]}'?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, _COMMANDS))
        for title, commands in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), words) for name, words in commands.items()])
        formatter.write_paragraph()
        formatter.write_text("`helion COMMAND --help` says more. Every command that prints more than a line has --json.")


def _versions(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        others = ", ".join(f"{name} {metadata.version(name)}" for name in ("torch", "triton") if _is_installed(name))
        click.echo(f"helion {metadata.version('helion-toolkit')} ({others}, Python {platform.python_version()})")
        ctx.exit()


def _is_installed(name: str) -> bool:
    return next(iter(metadata.distributions(name=name)), None) is not None


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_versions, help="Show the versions and exit.")
def helion() -> None:
    """Compile, look into, tune and lock tile kernels. FILE::kernel names one kernel of a file."""


def main() -> None:
    """Run the command line. Exit codes: see `exit_codes.py` and docs/cli.md."""
    try:
        code = helion.main(standalone_mode=False)
    except Failure as failure:
        click.echo(failure.text, err=True)
        sys.exit(failure.exit_code)
    except click.ClickException as problem:
        problem.show()
        sys.exit(USAGE)
    except click.Abort:
        click.echo("cancelled", err=True)
        sys.exit(CANCELLED)
    except Exception as problem:  # noqa: BLE001 - the last resort: what the machine refuses, and a bug of ours, is one message, not a traceback
        if isinstance(problem, OSError) and problem.filename is not None:
            click.echo(f"error[no-such-file]: `{problem.filename}` cannot be read or written: {problem.strerror}", err=True)
            sys.exit(NOT_FOUND)
        if isinstance(problem, ModuleNotFoundError) and problem.name:
            click.echo(f"error[not-installed]: `{problem.name}` is not installed for {sys.executable}", err=True)
            sys.exit(NOT_FOUND)
        words = f"{type(problem).__name__}: {problem}"
        click.echo(f"error[internal-error]: a bug of the toolkit, please report it: {words}", err=True)
        sys.exit(INTERNAL_ERROR)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
