"""`crm serve`: the embedded CRM alone, for a try-out, a test, or as a reference of the open contract."""

from __future__ import annotations

import errno
import gc
import json
import sqlite3
from pathlib import Path
from typing import Any

import click

from triage.cli import narration
from triage.errors import TriageError, UsageError


@click.group("crm")
def crm_command() -> None:
    """Run the embedded CRM."""


@crm_command.command("serve")
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    metavar="P",
    help="Port on 127.0.0.1; 0 takes a free one.",
)
@click.option("--leads", default=120, show_default=True, metavar="N", help="Untriaged leads of the rep.")
@click.option("--seed", default=7, show_default=True, metavar="S")
@click.option("--state", type=click.Path(path_type=Path), metavar="DIR", help="Where its data lasts.")
@click.option("--faults", default="", metavar="PLAN", help="For example latency,429:0.3,drop-after-commit:1")
@click.option("--history/--no-history", default=True, help="With twelve weeks of all reps' decisions before.")
@click.option("--parent-pipe", type=int, hidden=True, help="Ends when this file descriptor does.")
def serve(
    port: int,
    leads: int,
    seed: int,
    state: Path | None,
    faults: str,
    history: bool,
    parent_pipe: int | None,
) -> None:
    """Serve believable leads on loopback; prints one JSON line when it listens."""
    from triage.embedded.server import serve as run_server

    gc.enable()  # a server lives long

    def listening(facts: dict[str, Any]) -> None:
        note = facts.pop("note", None)
        if note:
            narration.say(f"note: {note}")
        click.echo(json.dumps(facts))

    try:
        run_server(
            port=port,
            leads=leads,
            seed=seed,
            state=state,
            faults=faults,
            history=history,
            on_listening=listening,
            parent_pipe=parent_pipe,
        )
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise TriageError(f"The CRM cannot be started: {error.strerror}.") from error
        raise UsageError(
            f"Port {port} is taken.", hint="Choose another with --port, or 0 for a free one."
        ) from error
    except sqlite3.DatabaseError as error:
        raise TriageError(
            f"The CRM's data in {state} cannot be read: {error}.", hint="Start it on another --state folder."
        ) from error
    except ValueError as error:
        raise UsageError(str(error)) from error
