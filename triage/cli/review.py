"""`review` and `reply`: marketing's side, straight from the CRM."""

from __future__ import annotations

from typing import Any

import click

from triage.cli import output
from triage.cli.exporting import Export, export_options
from triage.cli.session import json_option, profile_option, with_crm, words
from triage.cli.shapes import review_shape
from triage.cli.sheets import review_sheet, said
from triage.clock import new_id, utc_now
from triage.crm.port import Crm
from triage.domain.review import Reply, ReplyKind
from triage.errors import UsageError

KINDS = [kind.value for kind in ReplyKind]


@click.command("review")
@click.option("--plain", is_flag=True, help="One line each, for pipes and screen readers.")
@json_option
@export_options
@profile_option
def review_command(plain: bool, as_json: bool, export: Export | None) -> None:
    """List decisions and feedback as marketing sees them, with what the rep saw."""
    items = with_crm(_everything)
    if as_json:
        output.as_json(items)
        return
    if export:
        export.put(review_sheet(items, utc_now()))
        return
    rows = [
        (
            _day(item),
            item["rep"]["name"],
            item.get("act") or item["type"],
            item.get("reason") or "",
            item["lead_id"],
            (item.get("lead") or {}).get("source", ""),
            len(item["replies"]),
            said(item),
        )
        for item in items
    ]
    if plain:
        for row in rows:
            output.row(row)
        return
    output.table(rows, ("WHEN", "REP", "WHAT", "REASON", "LEAD", "SOURCE", "REPLIES", "WORDS"))


@click.command("reply")
@click.argument("item_id", metavar="ID")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--text", default="", help="What the rep will read; no_change needs it.")
@click.option("--link", help="What was changed: a page, a rule, a version.")
@profile_option
def reply_command(item_id: str, kind: str, text: str, link: str | None) -> None:
    """Answer a decision or a feedback; the rep sees it at the next sync."""
    if kind == ReplyKind.NO_CHANGE and not text.strip():
        raise UsageError("no_change needs a reason.", hint="Say why with --text: it counts as an answer.")
    answer = Reply(new_id(), item_id, ReplyKind(kind), text=words(text), link=link)
    with_crm(lambda crm: crm.reply(answer))
    output.line(f"{item_id}  {kind}")


async def _everything(crm: Crm) -> list[dict[str, Any]]:
    decisions = [review_shape(item) async for item in crm.decisions()]
    return decisions + [review_shape(item) async for item in crm.feedback()]


def _day(item: dict[str, Any]) -> str:
    return str(item.get("decided_at") or item.get("created_at") or "")[:16].replace("T", " ")
