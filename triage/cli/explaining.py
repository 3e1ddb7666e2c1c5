"""`explain`: why one lead is scored as it is, asked of the CRM at once."""

from __future__ import annotations

import asyncio

import click

from triage.cli import output
from triage.cli.score_lines import score_lines
from triage.cli.session import json_option, opened, profile_option
from triage.desk.explaining import explain
from triage.domain.lead import LeadId


@click.command("explain")
@click.argument("lead_id", metavar="LEAD")
@json_option
@profile_option
def explain_command(lead_id: str, as_json: bool) -> None:
    """Ask the CRM why one lead has its score, where it tells that only when asked; `show` has it then."""
    with opened() as session:
        asyncio.run(explain(session, LeadId(lead_id)))
        entry = session.wait(session.desk.entry, LeadId(lead_id))
        provided = session.wait(session.desk.provided)
        lead, lines = entry.lead, score_lines(entry, provided)  # read while the files are open
    if as_json:
        output.as_json({"lead_id": lead.lead_id, "score": output.plain(lead.score)})
        return
    for line in lines:
        output.line(line)
