"""`list`: the leads, as last fetched. Works without the network."""

from __future__ import annotations

import click

from triage.cli import narration, output
from triage.cli.exporting import Export, export_options
from triage.cli.session import json_option, opened, profile_option
from triage.cli.shapes import lead_shape
from triage.cli.sifting import read_filter, view_named
from triage.domain.clocks import age, sla_state, spoken
from triage.domain.inbox import Inbox, triage_order
from triage.domain.views import View
from triage.errors import UsageError


@click.command("list")
@click.option(
    "--filter", "query", default="", metavar="Q", help="As in the app: source:webinar band:A,B age>1d"
)
@click.option("--all", "everything", is_flag=True, help="Decided, working and snoozed leads too.")
@click.option("--view", "name", metavar="NAME", help="A tab of the app, your own too: breaching, working …")
@json_option
@export_options
@profile_option
def list_command(
    query: str, everything: bool, name: str | None, as_json: bool, export: Export | None
) -> None:
    """List the open inbox: assigned to you, not decided yet, the most urgent first."""
    if everything and name is not None:
        raise UsageError("Either --all or --view: a view is a part of the leads.")
    wanted, view = read_filter(query), View.INBOX if name is None else view_named(name)
    with opened(reads_damaged=True) as session:
        now = session.desk.clock()
        entries = session.wait(session.desk.entries)
        expired = session.wait(session.desk.expired)
    if expired:
        narration.say(f"note: {expired}")
    inbox = Inbox.of(entries, now, view).filtered(wanted)
    leads = [inbox.entries[lead_id].outline for lead_id in inbox.shown]
    if everything:
        chosen = [entry.outline for entry in entries if wanted.matches(entry, now)]
        leads = sorted(chosen, key=lambda lead: triage_order(lead, now))
    blind = {entry.lead_id for entry in entries if entry.is_blind}
    signs = {entry.lead_id: entry.signs for entry in entries if entry.answers is not None}
    if as_json:
        output.as_json(
            [
                lead_shape(lead, now, blind=lead.lead_id in blind, signs=signs.get(lead.lead_id, ()))
                for lead in leads
            ]
        )
        return
    if export:
        from triage.cli.sheets import lead_sheet

        export.put(lead_sheet(leads, now))
        return
    rows = [
        (
            lead.lead_id,
            sla_state(lead, now).value,
            f"{lead.score.band} {lead.score.score:g}" if lead.score else _unknown(lead.lead_id in blind),
            lead.name,
            lead.title,
            lead.company,
            lead.source,
            spoken(waited) if (waited := age(lead, now)) else "–",
            " ".join((*signs.get(lead.lead_id, ()), *lead.badges)),
        )
        for lead in leads
    ]
    output.table(rows, ("LEAD", "SLA", "SCORE", "NAME", "TITLE", "COMPANY", "SOURCE", "AGE", "BADGES"))


def _unknown(hidden: bool) -> str:
    return "**" if hidden else "–"
