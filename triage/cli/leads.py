"""`list` and `show`: the leads, as last fetched. Works without the network."""

from __future__ import annotations

from datetime import datetime

import click
from msgspec import Struct
from msgspec.structs import replace

from triage.cli import narration, output
from triage.cli.exporting import Export, export_options
from triage.cli.session import json_option, opened, profile_option
from triage.cli.shapes import full_shape, lead_shape, score_shape
from triage.desk.desk import Desk
from triage.domain.clocks import age, sla_state, spoken
from triage.domain.definition import Definition, Result
from triage.domain.inbox import Entry, Inbox, triage_order
from triage.domain.item import Item
from triage.domain.lead import Lead, LeadId
from triage.domain.query import parse
from triage.domain.review import Reply
from triage.domain.score import Contribution

MARKS = {Result.PASS: "✓", Result.FAIL: "✗", Result.UNKNOWN: "?"}


@click.command("list")
@click.option(
    "--filter", "query", default="", metavar="Q", help="As in the app: source:webinar band:A,B age>1d"
)
@click.option("--all", "everything", is_flag=True, help="Decided, working and snoozed leads too.")
@json_option
@export_options
@profile_option
def list_command(query: str, everything: bool, as_json: bool, export: Export | None) -> None:
    """List the open inbox: assigned to you, not decided yet, the most urgent first."""
    wanted = parse(query)
    with opened(reads_damaged=True) as session:
        now = session.desk.clock()
        entries = session.wait(session.desk.entries)
        expired = session.wait(session.desk.expired)
    if expired:
        narration.say(f"note: {expired}")
    inbox = Inbox.of(entries, now).filtered(wanted)
    leads = [inbox.entries[lead_id].outline for lead_id in inbox.shown]
    if everything:
        chosen = [entry.outline for entry in entries if wanted.matches(entry, now)]
        leads = sorted(chosen, key=lambda lead: triage_order(lead, now))
    if as_json:
        output.as_json([lead_shape(lead, now) for lead in leads])
        return
    if export:
        from triage.cli.sheets import lead_sheet

        export.put(lead_sheet(leads, now))
        return
    rows = [
        (
            lead.lead_id,
            sla_state(lead, now).value,
            f"{lead.score.band} {lead.score.score:g}" if lead.score else "–",
            lead.name,
            lead.title,
            lead.company,
            lead.source,
            spoken(waited) if (waited := age(lead, now)) else "–",
            " ".join(lead.badges),
        )
        for lead in leads
    ]
    output.table(rows, ("LEAD", "SLA", "SCORE", "NAME", "TITLE", "COMPANY", "SOURCE", "AGE", "BADGES"))


@click.command("show")
@click.argument("lead_id", metavar="LEAD")
@json_option
@profile_option
def show_command(lead_id: str, as_json: bool) -> None:
    """Show one lead: why it is scored as it is, what marketing did, what you said about it."""
    with opened(reads_damaged=True) as session:
        now = session.desk.clock()
        read = session.wait(_Read.of, session.desk, LeadId(lead_id))
    if as_json:
        output.as_json(full_shape(read.entry, read.items, read.replies, read.definition, now))
        return
    for text in [*_lines(read.entry, read.definition, now), *_said(read.items, read.replies)]:
        output.line(text)


class _Read(Struct, frozen=True):
    """What `show` shows of a lead."""

    entry: Entry
    items: tuple[Item, ...]
    replies: tuple[Reply, ...]
    definition: Definition

    @classmethod
    def of(cls, desk: Desk, lead_id: LeadId) -> _Read:
        items = desk.outbox.of_lead(lead_id)
        ids = {item.id for item in items}
        replies = tuple(reply for reply in desk.replies() if reply.of in ids)
        entry = desk.entry(lead_id)
        lead = entry.lead  # read while the files are open
        return cls(replace(entry, read=lambda: lead), items, replies, desk.definition())


def _said(items: tuple[Item, ...], replies: tuple[Reply, ...]) -> list[str]:
    """Return what the rep said about a lead, with marketing's answers."""
    from triage.desk.undoing import in_words

    lines = ["you said"] if items else []
    for item in items:
        lines.append(f"  {item.made_at.astimezone():%d %b %H:%M}  {in_words((item,))[2:]}  {item.state}")
        lines += [f"      {one.by}: {one.kind} {one.text}" for one in replies if one.of == item.id]
    return lines


def _lines(entry: Entry, definition: Definition, now: datetime) -> list[str]:
    lead = entry.lead
    sla = f"SLA {sla_state(lead, now)}" + (
        f" {lead.sla_due_at.astimezone():%d %b %H:%M}" if lead.sla_due_at else ""
    )
    away = " (no longer on your list)" if entry.gone else ""
    owner = f"owner {lead.owner.name or lead.owner.user_id}{away}"
    lines = [
        f"{lead.name} · {lead.title} · {lead.company} ({lead.lead_id})",
        f"{lead.status} · {owner} · {sla} · {' '.join(lead.badges)}".rstrip(" ·"),
        f"{lead.email}  {lead.phone}  {lead.city} {lead.country}",
        f"campaign  {lead.campaign.words if lead.campaign else '–'}",
    ]
    if lead.moment:
        lines.append(f"moment    {lead.moment}")
    lines += _score_lines(lead)
    lines.append(f"MQL definition v{definition.version}")
    lines += [f"  {MARKS[one.result]} {one.criterion.label}" for one in definition.trace(lead.facts)]
    lines += [f"  {touch.at:%d %b}  {touch.summary}" for touch in lead.touches if touch.at]
    return lines


def _score_lines(lead: Lead) -> list[str]:
    score, shape = lead.score, score_shape(lead.score)
    if score is None or shape is None:
        return ["score     not provided"]
    parts = [f"  {part.points_applied:+6.1f}  {part.label}{_earned(part)}" for part in score.by_weight()]
    total = f"score     {score.score:g} {score.band} {score.grade} = base {score.base_points:g}"
    off = [f"  does not add up by {score.residual:+g}"] if score.unreconciled else []
    return [total, *parts, f"  {score.other:+6.1f}  other", *off]


def _earned(part: Contribution) -> str:
    return f" (earned {part.points_earned:g})" if part.is_capped else ""
