"""The command line's root: which commands there are, and what holds for all of them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import click

from triage import __version__
from triage.cli import ending, logbook, narration

COMMANDS = {
    "login": "login",
    "logout": "profiles",
    "whoami": "profiles",
    "profiles": "profiles",
    "pull": "syncing",
    "sync": "syncing",
    "list": "leads",
    "show": "show",
    "explain": "explaining",
    "decide": "deciding",
    "undo": "deciding",
    "feedback": "telling",
    "assets": "telling",
    "queue": "queue",
    "definition": "definition",
    "review": "review",
    "reply": "review",
    "insights": "insights",
    "pack": "pack",
    "export": "export",
    "demo": "demo",
    "crm": "embedded",
    "setup": "setting_up",
    "doctor": "diagnostics",
    "paths": "diagnostics",
    "keys": "diagnostics",
    "fix-terminal": "mending",
    "config": "configuration",
    "purge": "purging",
}
"""Each command, and the module of this package that holds it."""


class _Commands(click.Group):
    """Loads a command's module when the command is asked for: the rest costs no start."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"triage.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return command


def _version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from triage.crm.registry import adapters

    click.echo(f"triage {__version__} · adapters: {', '.join(adapters())}")
    ctx.exit()


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--profile", metavar="P", help="The profile to use (else TRIAGE_PROFILE, else the default).")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Version and adapters.",
)
@click.pass_context
def root(ctx: click.Context, profile: str | None) -> None:
    """Triage your assigned leads: without a command, in the terminal app."""
    ctx.obj = profile
    logbook.begin(ctx.invoked_subcommand or "app", profile)
    if ctx.invoked_subcommand is None:
        from triage.cli.app import open_app

        ctx.exit(open_app(profile))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    return ending.to_code(lambda: _invoke(arguments))


def _invoke(arguments: Sequence[str]) -> int:
    """Run a command; not through `root.main`, which turns a closed pipe into 1: "refused" here."""
    try:
        with root.make_context("triage", list(arguments)) as context:
            result = root.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return ending.interrupted()
    code = result if isinstance(result, int) else 0
    return 1 if code == 0 and context.meta.get(narration.INCOMPLETE) else code
