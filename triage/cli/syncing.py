"""`pull` and `sync`: fetch, and deliver, from a shell or from cron."""

from __future__ import annotations

import asyncio

import click
from msgspec.structs import asdict

from triage.cli import narration, output
from triage.cli.event_lines import EventLines
from triage.cli.session import json_option, opened, profile_option
from triage.desk.events import (
    AnotherSyncs,
    FetchAsks,
    Progress,
    SyncFinished,
    SyncReport,
    SyncStopped,
)
from triage.desk.session import Session
from triage.errors import TriageError, UsageError


@click.command("sync")
@json_option
@click.option(
    "--events",
    is_flag=True,
    help="Print what happened as JSON Lines for a webhook, each once: event, at, id, lead_id, text …",
)
@profile_option
def sync_command(as_json: bool, events: bool) -> None:
    """Deliver everything queued, then fetch leads and replies.

    With --events: one JSON object a line, as it happens, for a webhook or a chat. `event` is one of
    decision_applied, decision_conflict, decision_refused, feedback_applied, feedback_conflict,
    feedback_refused, dispute, reply_arrived, lead_returned, request_answered, proposal, sync_finished,
    sync_stopped; `event_id` is the same if the same is told twice; `text` is one line for a chat, without
    e-mail address or phone number. What happened before --events was first used is not told.
    """
    if as_json and events:
        raise UsageError("Either --json or --events: one document, or a line for each thing.")
    with opened() as session:
        listener = EventLines(session) if events else None
        report, error = asyncio.run(_run(session, deliver=True, confirmed=False, listener=listener))
    if not events:
        _print(report, as_json=as_json)
    _end(report, error)


@click.command("pull")
@click.option("--yes", is_flag=True, help="Also where the CRM would leave hardly any lead.")
@json_option
@profile_option
def pull_command(yes: bool, as_json: bool) -> None:
    """Fetch your leads and marketing's replies; deliver nothing."""
    with opened() as session:
        report, error = asyncio.run(_run(session, deliver=False, confirmed=yes))
    if as_json:
        output.as_json({name: getattr(report, name) for name in ("fetched", "gone", "replies", "unread")})
    else:
        replies = "reply" if report.replies == 1 else "replies"
        output.line(f"{report.fetched} fetched, {report.gone} gone, {report.replies} {replies}")
    _end(report, error)


async def _run(
    session: Session, *, deliver: bool, confirmed: bool, listener: EventLines | None = None
) -> tuple[SyncReport, TriageError | None]:
    """Run one sync to its end, narrating; a listener hears of each step."""
    report = SyncReport()
    error: TriageError | None = None
    if listener is not None:
        await listener.begin()
    async for event in session.sync(everything=True, deliver=deliver, confirmed=confirmed):
        match event:
            case Progress(text, done, total):
                narration.progress(f"{text} {done:,}" + (f" of {total:,}" if total else ""))
            case AnotherSyncs(pid, since):
                who = f"process {pid} since {since.astimezone():%H:%M:%S}" if since else "another process"
                narration.say(f"Another sync is running ({who}). Nothing to do here.")
            case FetchAsks(old, new):
                narration.progress_over()
                narration.say(f"The CRM would leave {new} of {old} leads; the old ones were kept.")
                narration.say("  If that is right, run `triage pull --yes`.")
            case SyncFinished(report):
                pass
            case SyncStopped():
                report, error = event.report, event.error
            case _:
                pass
        if listener is not None:
            await listener.hear(event)
    narration.progress_over()
    if ends := session.wait(session.desk.access_words):
        narration.say(ends)
    return report, error


def _print(report: SyncReport, *, as_json: bool) -> None:
    if as_json:
        output.as_json(asdict(report))
        return
    counts = ((name, value) for name, value in asdict(report).items() if isinstance(value, int))
    output.line(", ".join(f"{value} {name}" for name, value in counts))


def _end(report: SyncReport, error: TriageError | None) -> None:
    """Narrate what stopped it, and exit as commands promise."""
    if report.unread:
        fields = ", ".join(f"{name} ({count})" for name, count in sorted(report.unread.items()))
        narration.say(f"Some fields could not be read and were left out: {fields}.")
    if error is not None:
        raise error
    if report.needs_rep:
        narration.say("Some need you: `triage queue` says why.")
        click.get_current_context().exit(1)
