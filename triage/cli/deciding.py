"""`decide` and `undo`: the same acts as in the app, durable before they are printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from triage.cli import narration, output
from triage.cli.session import json_option, opened, profile_option, words
from triage.cli.shapes import decided_shape, item_shape
from triage.desk.results import Acted, Preview, Skipped, Undone
from triage.desk.session import Session
from triage.desk.undoing import put_away
from triage.domain.act import Act
from triage.domain.lead import LeadId
from triage.errors import NotAllowed, UsageError

ACTS = [act.value for act in Act if act is not Act.RESTORE]


def parameters(pairs: Sequence[str]) -> dict[str, str]:
    """Read `K=V` pairs; UsageError names the one that is off."""
    read = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"“{pair}” is not K=V.", hint="For example --param until=2w.")
        read[name.strip()] = words(value)
    return read


@click.command("decide")
@click.argument("act", type=click.Choice(ACTS))
@click.argument("lead_ids", metavar="LEAD...", nargs=-1, required=True)
@click.option("--reason", metavar="CODE", help="The reason code; `triage keys --reasons` lists them.")
@click.option("--param", "pairs", multiple=True, metavar="K=V", help="What the reason needs: until=2w, to=…")
@click.option("--note", default="", help="In your own words.")
@click.option("--preview", is_flag=True, help="Say what would be decided; record nothing.")
@click.option("--yes", is_flag=True, help="Do it though the CRM cannot take it back once it is sent.")
@json_option
@profile_option
def decide_command(
    act: str,
    lead_ids: tuple[str, ...],
    reason: str | None,
    pairs: tuple[str, ...],
    note: str,
    preview: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Decide leads: accept, reject, recycle, disqualify, reroute or snooze them."""
    params, note = parameters(pairs), words(note)
    leads = [LeadId(lead_id) for lead_id in lead_ids]
    with opened() as session:
        desk = session.desk
        done: Preview | Acted
        if preview:
            done = session.wait(desk.preview, leads, Act(act), reason=reason, params=params, note=note)
        else:
            check_final(session, Act(act), yes=yes)
            done = session.wait(desk.decide, leads, Act(act), reason=reason, params=params, note=note)
    if isinstance(done, Acted):
        shapes = [decided_shape(item) for item in done.items]
        for warning in done.warnings:
            on = f"on {warning.count}: " if len(shapes) > 1 else ""
            narration.say(f"note: {on}{warning.why}")
        for told in _revealed(done):
            narration.say(told)
    else:
        shapes = [{**output.plain(one), "act": act, "reason": reason} for one in done.allowed]
    print_acted(shapes, done.skipped, as_json=as_json, verb="would be" if preview else Act(act).done)


def check_final(session: Session, act: Act, *, yes: bool) -> None:
    """Raise UsageError for an act that cannot be taken back, unless it was said that it is meant."""
    final = session.wait(session.desk.provided).final_words(act)
    if final and not yes:
        raise UsageError(final, hint="Say it with --yes if that is what you want.")


def _revealed(acted: Acted) -> Iterator[str]:
    """Yield the scores that were hidden until now, and how they can be judged."""
    for item in acted.items:
        if item.decision is not None and item.decision.snapshot.blind and item.decision.act.decides:
            seen = item.decision.snapshot
            score = f"score was {seen.score:g} {seen.band}".rstrip() if seen.score is not None else "no score"
            judge = f"`triage feedback score-accuracy {item.lead_id} --verdict …` judges it"
            yield f"{item.lead_id}  {score} (hidden until now); {judge}"


def print_acted(
    shapes: list[dict[str, object]], skipped: Sequence[Skipped], *, as_json: bool, verb: str
) -> None:
    """Print what was done, lead by lead; ends with exit code 1 if a lead was skipped."""
    skips = [{"lead_id": one.lead_id, "skipped": one.why} for one in skipped]
    if as_json:
        output.as_json([*shapes, *skips])
    else:
        for shape in shapes:
            output.line(f"{shape['lead_id']}  {verb}  {shape.get('reason') or ''}".rstrip())
        for one in skipped:
            narration.say(f"{one.lead_id}  skipped: {one.why}")
    if skipped:
        click.get_current_context().exit(1)


@click.command("undo")
@click.argument("item_id", metavar="[ID]", required=False)
@json_option
@profile_option
def undo_command(item_id: str | None, as_json: bool) -> None:
    """Undo the last act for all its leads, or the decision, feedback or batch named by its id."""
    with opened() as session:
        undone = _undone(session, item_id)
    if as_json:
        items = [item_shape(item) for item in undone.items]
        counts = {name: getattr(undone, name) for name in ("what", "withdrawn", "compensated", "waiting")}
        output.as_json({**counts, "items": items})
        return
    output.line(
        f"{undone.what}: undone ({undone.withdrawn} withdrawn, {undone.compensated} to be taken back)"
    )
    if undone.waiting:
        narration.say(f"{undone.waiting} may be on the way: the CRM is asked first, then taken back.")


def _undone(session: Session, item_id: str | None) -> Undone:
    try:
        return session.wait(session.desk.undo, item_id)
    except NotAllowed:
        if item_id is None or session.keeping is None:
            raise
        refusal = put_away(session.wait(session.keeping.archived), item_id)
        if refusal is None:
            raise
        raise refusal from None
