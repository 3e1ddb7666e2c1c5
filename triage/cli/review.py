"""`review` and `reply`: marketing's side, straight from the CRM, as a screen or as lists."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import click
from msgspec.structs import replace

from triage.cli import narration, output
from triage.cli.exporting import Export, export_options
from triage.cli.insight_shapes import period_asked
from triage.cli.session import (
    chosen_profile,
    json_option,
    not_queued,
    opened,
    profile_option,
    with_crm,
    words,
)
from triage.cli.shapes import Shape, review_shape
from triage.cli.sheets import review_sheet, said
from triage.clock import utc_now
from triage.crm.port import Crm
from triage.desk.reviewing import Read, Sent, answer, last_visit, read
from triage.domain.review import Reply, ReplyKind
from triage.domain.review_groups import Facet, Group, Sieve, Wanted, counted_by, groups_of
from triage.domain.reviewing import Matter, id_of, needs_text, objection_to
from triage.errors import Unreachable, UsageError
from triage.house import House
from triage.wiring import rules_of

KINDS = [kind.value for kind in ReplyKind]
GROUP = "group"
BY = [*(facet.value for facet in Facet), GROUP]
_HEADINGS = ("COUNT", "OPEN", "OVERDUE", "ANSWERED", "ACCOUNTS", "OLDEST", "NEXT DUE")
F = TypeVar("F", bound=Callable[..., Any])


def _filters(command: F) -> F:
    for facet in reversed(Facet):
        command = click.option(f"--{facet}", metavar="X", help=f"Only of this {facet}.")(command)
    return command


@click.command("review")
@click.option("--plain", is_flag=True, help="One line each, for pipes and screen readers.")
@_filters
@click.option("--state", type=click.Choice([one.value for one in Wanted]), help="How they stand.")
@click.option("--since", metavar="D", help="Said from then on: 2026-09-01, 30d or 12w ago.")
@click.option("--since-last-visit", is_flag=True, help="New or answered since the screen was last left.")
@click.option("--mine", is_flag=True, help="Of my campaigns, or routed to me.")
@click.option("--by", type=click.Choice(BY), help="Count them by this.")
@json_option
@export_options
@profile_option
def review_command(
    plain: bool,
    state: str | None,
    since: str | None,
    since_last_visit: bool,
    mine: bool,
    by: str | None,
    as_json: bool,
    export: Export | None,
    **facets: str | None,
) -> None:
    """Review what sales told marketing, with what the rep saw: a screen on a terminal, else a list.

    With a filter only what marketing answers is listed: rejections, recycles, feedback.
    """
    now = utc_now()
    narrowing = {Facet(name): value for name, value in facets.items() if value}
    sieve = Sieve(
        wanted=Wanted(state) if state else Wanted.ALL,
        facets=narrowing,
        changed_since=_visited() if since_last_visit else None,
        said_since=period_asked(since, week=False, now=now, usual=timedelta(0)).since if since else None,
        mine=_my_names() if mine else (),
    )
    if not (plain or as_json or export or by) and _on_a_terminal():
        from triage.cli.review_screen import open_review

        shown = sieve if state else replace(sieve, wanted=Wanted.OPEN)
        click.get_current_context().exit(open_review(chosen_profile(), shown))
    found = with_crm(_reading(now))
    matters = found.matters(now)
    if by:
        _put_counts(by, sieve.sift(matters), found, as_json=as_json)
        return
    narrows = bool(state or narrowing or since or mine or since_last_visit)
    _put_items(_shapes(found, matters, sieve if narrows else None), plain, as_json, export)


def _on_a_terminal() -> bool:
    from triage.cli.terminal import need_terminal

    try:
        need_terminal()
    except UsageError:
        return False
    return True


def _visited() -> datetime | None:
    with opened() as session:
        return session.wait(last_visit, session)


def _my_names() -> tuple[str, ...]:
    import os

    _name, profile = House.found(os.environ).profile(chosen_profile())
    return (profile.user_id, profile.user_name)


def _reading(now: datetime) -> Callable[[Crm], Any]:
    """Return what reads everything, with a line of progress where someone watches."""
    import os

    rules = rules_of(House.found(os.environ).profile(chosen_profile())[1])

    async def reading(crm: Crm) -> Read:
        try:
            return await read(crm, rules.definition, rules.reasons, now, _tell_count)
        finally:
            narration.progress_over()

    return reading


def _tell_count(count: int) -> None:
    if count % 100 == 0:
        narration.progress(f"{count:,} decisions and feedback read …")


def _shapes(found: Read, matters: Sequence[Matter], sieve: Sieve | None) -> list[Shape]:
    """Return items as JSON has them; those that wait for marketing say since when and until when."""
    known = {one.id: one for one in matters}
    shapes = []
    for item in found.items:
        matter = known.get(id_of(item))
        if sieve is None or (matter is not None and sieve.holds(matter)):
            shapes.append({**review_shape(item), **_standing(matter)})
    return shapes


def _standing(matter: Matter | None) -> Shape:
    names = ("review_state", "due_at", "overdue", "group", "answered_by")
    if matter is None:
        return dict.fromkeys(names)
    standing = matter.standing
    values = (
        standing.value,
        output.moment(matter.due_at),
        standing == Wanted.OVERDUE.value,
        matter.group,
        matter.routed_to or None,
    )
    return dict(zip(names, values, strict=True))


def _put_items(items: list[Shape], plain: bool, as_json: bool, export: Export | None) -> None:
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


def _put_counts(by: str, matters: Sequence[Matter], found: Read, *, as_json: bool) -> None:
    groups = groups_of(matters) if by == GROUP else counted_by(Facet(by), matters)
    if as_json:
        output.as_json([_count_shape(by, one, found) for one in groups])
        return
    rows = [(*_named(by, one, found), *_counts(one)) for one in groups]
    heading = ("GROUP", "WHAT") if by == GROUP else (by.upper(),)
    output.table(rows, (*heading, *_HEADINGS))


def _count_shape(by: str, group: Group, found: Read) -> Shape:
    shape: Shape = {by: group.key or None}
    if by == GROUP:
        shape["what"] = found.words_for(group.matters[0])
    return shape | {
        "count": group.count,
        "open": len(group.unanswered),
        "overdue": group.overdue,
        "answered": group.answered,
        "accounts": group.accounts,
        "oldest_at": output.moment(group.oldest),
        "next_due_at": output.moment(group.next_due),
        "ids": [one.id for one in group.matters],
        "lead_ids": list(dict.fromkeys(one.item.lead_id for one in group.matters)),
    }


def _named(by: str, group: Group, found: Read) -> tuple[str, ...]:
    if by == GROUP:
        return (group.key, found.words_for(group.matters[0]))
    return (group.key or "(not known)",)


def _counts(group: Group) -> tuple[object, ...]:
    oldest, due = output.moment(group.oldest) or "", output.moment(group.next_due) or ""
    waiting = len(group.unanswered)
    return (group.count, waiting, group.overdue, group.answered, group.accounts, oldest[:10], due[:10])


@click.command("reply")
@click.argument("item_ids", metavar="[ID]...", nargs=-1)
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--text", default="", help="What the rep will read; no_change needs it.")
@click.option("--link", help="What was changed: a page, a rule, a version.")
@click.option("--group", metavar="KEY", help="Answer all of a group that wait: `review --by group`.")
@json_option
@profile_option
def reply_command(
    item_ids: tuple[str, ...], kind: str, text: str, link: str | None, group: str | None, as_json: bool
) -> None:
    """Answer decisions and feedback by their ids, or a group; the reps see it at their next sync."""
    if needs_text(ReplyKind(kind)) and not text.strip():
        raise UsageError("no_change needs a reason.", hint="Say why with --text: it counts as an answer.")
    if bool(item_ids) == bool(group):
        raise UsageError("Nothing, or too much, to answer.", hint="Name ids, or a group with --group.")

    async def replying(crm: Crm) -> tuple[Sent, list[Reply], dict[str, str]]:
        ids, skipped = (item_ids, {}) if group is None else await _of_group(crm, group, ReplyKind(kind))
        unique = dict.fromkeys(ids)
        replies = [_reply(one, ReplyKind(kind), words(text), link) for one in unique]
        return await answer(crm, replies), replies, skipped

    sent, replies, skipped = with_crm(replying)
    _put_results(sent, replies, skipped, as_json=as_json)


def _reply(of: str, kind: ReplyKind, text: str, link: str | None) -> Reply:
    """Return an answer under an id made of its content: the same command again gives it no second time."""
    content = json.dumps([of, kind.value, text, link]).encode()
    return Reply(f"reply-{hashlib.sha256(content).hexdigest()[:32]}", of, kind, text=text, link=link)


async def _of_group(crm: Crm, key: str, kind: ReplyKind) -> tuple[list[str], dict[str, str]]:
    """Return the ids of a group that wait, or of all of it where none does; and why others are left out."""
    now = utc_now()
    reading: Read = await _reading(now)(crm)
    members = [one for one in reading.matters(now) if one.group == key]
    if not members:
        raise UsageError(f"There is no group {key}.", hint="`triage review --by group` lists them.")
    meant = [one for one in members if not one.is_answered] or members
    why = {one.id: objection_to(one, kind) for one in meant}
    return [one_id for one_id, text in why.items() if not text], {a: b for a, b in why.items() if b}


def _put_results(sent: Sent, replies: Sequence[Reply], skipped: Mapping[str, str], *, as_json: bool) -> None:
    shapes: list[Shape] = []
    unsent = sent.stopped.message if sent.stopped else ""
    for reply in replies:
        why = sent.results.get(reply.reply_id, unsent)
        shapes.append(
            {"id": reply.of, "kind": reply.kind.value, "reply_id": reply.reply_id, "refused": why or None}
        )
    shapes += [{"id": one, "kind": None, "reply_id": None, "refused": why} for one, why in skipped.items()]
    if as_json:
        output.as_json(shapes)
    for shape in shapes:
        if shape["refused"]:
            verdict = "not confirmed" if shape["refused"] == unsent else "not answered"
            narration.say(f"{shape['id']}: {verdict}. {shape['refused']}")
        elif not as_json:
            output.line(f"{shape['id']}  {shape['kind']}")
    if sent.stopped is not None:
        raise not_queued(sent.stopped) if isinstance(sent.stopped, Unreachable) else sent.stopped
    if any(shape["refused"] for shape in shapes):
        click.get_current_context().exit(1)


def _day(item: Shape) -> str:
    return str(item.get("decided_at") or item.get("created_at") or "")[:16].replace("T", " ")
