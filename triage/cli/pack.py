"""`pack`: what the meeting of both teams talks about, as files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triage.cli import narration, output
from triage.cli.insight_shapes import period_asked, period_options
from triage.cli.session import chosen_profile, profile_option, with_crm
from triage.clock import utc_now
from triage.errors import UsageError
from triage.pack.formats import FORMATS, render

if TYPE_CHECKING:
    from triage.crm.port import Crm
    from triage.desk.gathering import Gathered
    from triage.domain.proposals import Proposal
    from triage.insights.period import Period
    from triage.pack.pack import Pack

Heard = tuple["Gathered", tuple["Proposal", ...]]


@click.command("pack")
@period_options
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    help="One of the formats; without: all into DIR, md on stdout.",
)
@click.option("-o", "--output", "target", metavar="DIR", help="Write it into this folder, or to this file.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@profile_option
def pack_command(since: str | None, week: bool, format_: str | None, target: str | None, force: bool) -> None:
    """Make the pack for the review meeting: the numbers of `insights`, decisions needed, what comes next.

    Of the last twelve weeks, as the insights are; --week for a weekly meeting, --since 4w for a monthly one.
    """
    from triage.desk.gathering import USUAL

    now = utc_now()
    period = period_asked(since, week=week, now=now, usual=USUAL)
    if target is None:
        if force:
            raise UsageError("--force is for files.", hint="Name a folder with -o.")
        output.document(render(_made(period, now), format_ or "md"))
        return
    places = _places(Path(target), format_, period)
    if not force:
        _refuse_any(places)
    _put(_made(period, now), places, force=force)


def _places(path: Path, chosen: str | None, period: Period) -> dict[Path, str]:
    """Return what to write where; UsageError for a file whose name says no format."""
    from triage.pack.pack import file_stem

    if path.is_dir() or not path.suffix:
        formats = (chosen,) if chosen else FORMATS
        return {path / f"{file_stem(period)}.{format_}": format_ for format_ in formats}
    named = path.suffix[1:].lower()
    if chosen is None and named not in FORMATS:
        hint = f"End it in .{', .'.join(FORMATS)}; a name without an ending is a folder."
        raise UsageError(f"The name {path} says no format.", hint=hint)
    return {path: chosen or named}


def _refuse_any(places: Iterable[Path]) -> None:
    """Refuse before anything is asked or written: one file in the way, and none is made."""
    there = next((place for place in places if os.path.lexists(place)), None)
    if there is not None:
        raise UsageError(f"{there} is there already.", hint="--force replaces it.")


def _put(pack: Pack, places: dict[Path, str], *, force: bool) -> None:
    """Write the files; all are made before the first is written."""
    from triage.exports.target import made_folder, write_export

    texts = {place: render(pack, format_) for place, format_ in places.items()}
    for place, text in texts.items():
        if not place.parent.exists():
            made_folder(place.parent)
        write_export(place, text, force=force)
        narration.say(f"{place}: {pack.subtitle}.")


def _made(period: Period, now: datetime) -> Pack:
    from triage.pack.pack import pack_of

    gathered, proposals = _heard(period, now)
    if not gathered.is_team:
        narration.say("note: these are your own numbers; this CRM does not tell a rep the team's.")
    return pack_of(gathered.evidence, proposals=proposals, is_team=gathered.is_team)


def _heard(period: Period, now: datetime) -> Heard:
    """Ask the profile's CRM for all that is counted, and for what was proposed."""
    from triage.desk.gathering import gather
    from triage.house import House
    from triage.wiring import rules_of

    house = House.found(os.environ, warn=narration.say)
    _, profile = house.profile(chosen_profile())
    rules = rules_of(profile)

    async def ask(crm: Crm) -> Heard:
        gathered = await gather(
            crm, period, now, definition=rules.definition, reasons=rules.reasons, role=profile.role
        )
        return gathered, await _proposals(crm)

    return with_crm(ask)


async def _proposals(crm: Crm) -> tuple[Proposal, ...]:
    """Return what waits for a word; an adapter without that word has none."""
    ask = getattr(crm, "proposals", None)
    return () if ask is None else (await ask()).waiting
