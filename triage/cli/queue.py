"""`queue`: what is on its way, what is stuck and why, and the ways out."""

from __future__ import annotations

import click

from triage.cli import narration, output
from triage.cli.deciding import check_final
from triage.cli.exporting import Export, export_options
from triage.cli.session import json_option, opened, profile_option
from triage.cli.shapes import archived_shape, item_shape
from triage.cli.sheets import queue_sheet
from triage.clock import utc_now
from triage.desk.session import Session
from triage.domain.item import NEEDS_REP, Item, State
from triage.errors import UsageError

_JSON = "triage.queue.json"


@click.group("queue", invoke_without_command=True)
@json_option
@profile_option
@click.pass_context
def queue_command(ctx: click.Context, as_json: bool) -> None:
    """List, retry, drop or resolve what is on its way to the CRM."""
    ctx.meta[_JSON] = as_json
    if ctx.invoked_subcommand is None:
        _list(as_json=as_json, everything=False)


@queue_command.command("list")
@click.option("--all", "everything", is_flag=True, help="Without an age limit, until archived.")
@click.option("--archived", is_flag=True, help="What is left of old ones that are settled, instead.")
@json_option
@export_options
@profile_option
def list_items(everything: bool, archived: bool, as_json: bool, export: Export | None) -> None:
    """List decisions and feedback, sent ones of the last days included."""
    if archived:
        _list_archived(as_json=_wants_json(as_json), export=export)
        return
    _list(as_json=_wants_json(as_json), everything=everything, export=export)


@queue_command.command("retry")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@json_option
@profile_option
def retry_items(ids: tuple[str, ...], as_json: bool) -> None:
    """Queue refused items again; without an id, all of them."""
    with opened() as session:
        chosen = ids or tuple(
            item.id for item in session.wait(session.desk.queue) if item.state is State.REFUSED
        )
        count = session.wait(session.desk.retry, chosen)
    _print_count(count, "queued again", as_json=as_json)


@queue_command.command("drop")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@json_option
@profile_option
def drop_items(ids: tuple[str, ...], as_json: bool) -> None:
    """Withdraw items that the CRM does not have."""
    with opened() as session:
        count = session.wait(session.desk.drop, ids)
    _print_count(count, "withdrawn", as_json=as_json)


@queue_command.command("resolve")
@click.argument("item_id", metavar="ID")
@click.option("--keep-mine", "keep", is_flag=True, help="Decide the same, knowing what the CRM has now.")
@click.option("--drop", is_flag=True, help="Let the CRM's version stand.")
@click.option("--yes", is_flag=True, help="Keep it though the CRM cannot take it back once it is sent.")
@json_option
@profile_option
def resolve_item(item_id: str, keep: bool, drop: bool, yes: bool, as_json: bool) -> None:
    """Resolve a conflict. To decide differently, use `triage decide` on the lead."""
    if keep == drop:
        raise UsageError("Say how to resolve it.", hint="One of --keep-mine and --drop.")
    with opened() as session:
        if keep:
            _check_kept(session, item_id, yes=yes)
            session.wait(session.desk.keep_mine, item_id)
        else:
            session.wait(session.desk.drop, [item_id])
    _print_count(1, "queued again, knowing of the change" if keep else "withdrawn", as_json=as_json)


def _check_kept(session: Session, item_id: str, *, yes: bool) -> None:
    """Raise UsageError where keeping it could not be taken back, unless it was said that it is meant."""
    items = session.wait(session.desk.queue, everything=True)
    decision = next((item.decision for item in items if item.id == item_id), None)
    if decision is not None:
        check_final(session, decision.act, yes=yes)


def _wants_json(here: bool) -> bool:
    """Say whether --json was given, before or after the subcommand."""
    return here or bool(click.get_current_context().meta.get(_JSON))


def _print_count(count: int, what: str, *, as_json: bool) -> None:
    if _wants_json(as_json):
        output.as_json({"count": count, "what": what})
    else:
        output.line(f"{count} {what}")


def _list(*, as_json: bool, everything: bool, export: Export | None = None) -> None:
    with opened(reads_damaged=True) as session:
        items = session.wait(session.desk.queue, everything=everything)
    if as_json:
        output.as_json([item_shape(item) for item in items])
        return
    if export:
        export.put(queue_sheet(map(item_shape, items), utc_now()))
        return
    output.table(
        [
            (
                item.state,
                item.lead_id,
                _what(item),
                item.made_at.astimezone().strftime("%d %b %H:%M"),
                item.id,
                item.error,
            )
            for item in items
        ],
        ("STATE", "LEAD", "WHAT", "WHEN", "ID", "WHY"),
    )
    stuck = sum(item.state in NEEDS_REP for item in items)
    if stuck:
        narration.say(f"{stuck} {'needs' if stuck == 1 else 'need'} you: queue retry, drop or resolve.")


def _list_archived(*, as_json: bool, export: Export | None) -> None:
    with opened() as session:
        rows = session.wait(session.keeping.archived) if session.keeping else ()
    if as_json:
        output.as_json([archived_shape(row) for row in rows])
        return
    if export:
        export.put(queue_sheet(map(archived_shape, rows), utc_now()))
        return
    output.table(
        [
            (
                row.state,
                row.lead_id,
                " ".join(filter(None, (row.act or row.type, row.reason))),
                row.made_at.astimezone().strftime("%d %b %Y"),
                row.id,
            )
            for row in rows
        ],
        ("STATE", "LEAD", "WHAT", "WHEN", "ID"),
    )


def _what(item: Item) -> str:
    if item.decision is not None:
        return " ".join(filter(None, (item.decision.act, item.decision.reason)))
    return item.feedback.type if item.feedback else ""
