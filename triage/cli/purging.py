"""`purge`: local copies removed for good. Nothing at the CRM changes, and nobody has to be signed in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta

import click

from triage.cli import narration, output
from triage.cli.session import json_option, opened, profile_option
from triage.desk.keeping import Keeping
from triage.desk.purging import Found, Scope, look, purge
from triage.desk.session import Session
from triage.domain.lead import LeadId
from triage.errors import CorruptJournal, UsageError


@click.command("purge")
@click.option("--lead", "lead_ids", multiple=True, metavar="ID", help="All about this lead; may be repeated.")
@click.option(
    "--older-than", "days", type=click.IntRange(0, 36500), metavar="DAYS", help="All that is older than this."
)
@click.option("--all", "everything", is_flag=True, help="All of this profile, but the profile itself.")
@click.option("--force", is_flag=True, help="Undelivered decisions and feedback too: the CRM never hears.")
@click.option("--preview", is_flag=True, help="Say what would be removed; remove nothing.")
@click.option("--yes", is_flag=True, help="Do not ask. Only asked where someone can answer.")
@json_option
@profile_option
def purge_command(
    lead_ids: tuple[str, ...],
    days: int | None,
    everything: bool,
    force: bool,
    preview: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Remove local copies: leads, what was said about them, replies, archive, kept-aside files and logs.

    Works offline. Refuses while something about the leads is not delivered. The profile and its token stay:
    `triage logout` removes those.
    """
    if (bool(lead_ids) + (days is not None) + everything) != 1:
        raise UsageError("Say what to remove.", hint="One of --lead ID, --older-than DAYS and --all.")
    with _opened() as session:
        keeping = _keeping(session)
        scope = Scope(frozenset(map(LeadId, lead_ids)), _moment(session, days))
        if preview:
            _print(session.wait(look, keeping, scope), as_json=as_json, removed=False)
            return
        if _can_ask(yes=yes) and not _agreed(session.wait(look, keeping, scope)):
            narration.say("Nothing was removed.")
            click.get_current_context().exit(1)
        found = session.wait(purge, keeping, scope, session.lock, force=force)
    _print(found, as_json=as_json, removed=True)
    if everything:
        narration.say("The profile and its token are still there: `triage logout` removes them.")


@contextmanager
def _opened() -> Iterator[Session]:
    """Open the profile's session; where a journal is damaged, say what to do first."""
    with ExitStack() as stack:
        try:
            session = stack.enter_context(opened())
        except CorruptJournal as error:
            hint = f"{error.hint} Then purge: that removes the kept file too."
            raise CorruptJournal(error.message, path=error.path, offset=error.offset, hint=hint) from error
        yield session


def _keeping(session: Session) -> Keeping:
    if session.keeping is None:
        raise UsageError("This profile keeps nothing that could be purged.")
    return session.keeping


def _moment(session: Session, days: int | None) -> datetime | None:
    return session.desk.clock() - timedelta(days=days) if days is not None else None


def _can_ask(*, yes: bool) -> bool:
    return not yes and sys.stdin.isatty() and sys.stderr.isatty()


def _agreed(found: Found) -> bool:
    narration.say(f"To be removed: {_in_words(found)}. This cannot be undone.")
    return click.confirm("Remove it?", err=True)


def _in_words(found: Found) -> str:
    said = [f"{count} {name}" for name, count in found.counts.items() if count]
    return ", ".join(said) or "nothing"


def _print(found: Found, *, as_json: bool, removed: bool) -> None:
    if as_json:
        output.as_json({**found.counts, "removed": removed})
    else:
        output.line(f"{'removed' if removed else 'would be removed'}: {_in_words(found)}")
    if found.same_address:
        narration.say(f"note: the same e-mail address stays in {', '.join(found.same_address)}.")
