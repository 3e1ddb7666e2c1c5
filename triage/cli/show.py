"""`show`: one lead, as last fetched, and what the rep said about it. Works without the network."""

from __future__ import annotations

from collections.abc import Mapping

import click
from msgspec import Struct
from msgspec.structs import replace

from triage.cli import output
from triage.cli.account_lines import account_shape, asset_shape
from triage.cli.clock_lines import clock_shape, skew_words
from triage.cli.lead_lines import lead_lines
from triage.cli.session import json_option, opened, profile_option
from triage.cli.shapes import full_shape
from triage.desk.desk import Desk
from triage.domain.answers import KINDS
from triage.domain.definition import Definition
from triage.domain.inbox import Entry
from triage.domain.item import Item
from triage.domain.lead import LeadId
from triage.domain.provided import Provided
from triage.domain.related import related, related_ids
from triage.domain.returned import since_decided
from triage.domain.review import Reply, SourceStatistics
from triage.text import NOTE_LIMIT


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
        shape = full_shape(read.entry, read.items, read.replies, read.definition, now)
        clocks = clock_shape(read.entry, read.definition, now)
        lead, rep = read.entry.lead, session.rep.name
        behind = {**account_shape(lead, read.here), **asset_shape(lead, rep)}
        output.as_json(
            {
                **shape,
                **clocks,
                **behind,
                "provided": output.plain(read.provided),
                "source_statistics": output.plain(read.statistics),
            }
        )
        return
    told = lead_lines(
        read.entry, read.definition, read.provided, read.here, now, session.rep.name, read.statistics
    )
    for text in [*told, *_back(read.entry, read.definition), *_said(read.items, read.replies)]:
        output.line(text, NOTE_LIMIT)


class _Read(Struct, frozen=True):
    """What `show` shows of a lead."""

    entry: Entry
    items: tuple[Item, ...]
    replies: tuple[Reply, ...]
    definition: Definition
    provided: Provided
    here: Mapping[str, bool]
    """The leads of the account that are on the rep's list, and whether each is open."""
    statistics: SourceStatistics | None
    """How the leads of its source fared."""

    @classmethod
    def of(cls, desk: Desk, lead_id: LeadId) -> _Read:
        items = desk.outbox.of_lead(lead_id)
        ids = {item.id for item in items}
        replies = tuple(reply for reply in desk.replies() if reply.of in ids)
        entry = desk.entry(lead_id)
        provided = desk.provided()
        lead = provided.of(entry.lead)  # read while the files are open
        others = {one.lead_id: one for one in desk.entries_of(related_ids(lead.account))}
        here = related(lead.account, others, desk.clock())
        fared = next((one for one in desk.statistics() if one.source == lead.source), None)
        return cls(
            replace(entry, read=lambda: lead), items, replies, desk.definition(), provided, here, fared
        )


def _said(items: tuple[Item, ...], replies: tuple[Reply, ...]) -> list[str]:
    """Return what the rep said about a lead, with marketing's answers."""
    from triage.desk.undoing import in_words

    lines = ["", "you said"] if items else []
    for item in items:
        made = f"  {item.made_at.astimezone():%d %b %H:%M}  {in_words((item,))[2:]}  {item.state}"
        answers = f" → {item.routed_to}" if item.routed_to else ""
        lines.append(made + answers + skew_words(item.decision))
        lines += [f"      {_reply(one)}" for one in replies if one.of == item.id]
    return lines


def _reply(reply: Reply) -> str:
    """Return who answered, when, what marketing did, in which words, and what they point at."""
    when = f"{reply.at.astimezone():%d %b %H:%M}, " if reply.at else ""
    words = " ".join(part for part in (reply.text, f"→ {reply.link}" if reply.link else "") if part)
    return f"{reply.by or 'marketing'} ({when}{KINDS[reply.kind]}){f': {words}' if words else ''}"


def _back(entry: Entry, definition: Definition) -> list[str]:
    """Return that marketing gave a lead back, and what is other since the rep decided."""
    reply = entry.returned
    if reply is None:
        return []
    since = " · ".join(one.words for one in since_decided(entry, definition))
    words = f": {reply.text}" if reply.text else ""
    return ["", f"returned by marketing{words}", *([f"  since you decided: {since}"] if since else [])]
