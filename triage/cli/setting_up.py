"""`setup`: what an account needs for triage, and making what is missing. Changes nothing untold."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct
from msgspec.structs import replace

from triage.cli import narration, output
from triage.cli.session import chosen_profile, json_option, profile_option, with_crm
from triage.crm.setup import Step, make_at, plan_at
from triage.errors import CrmError, NotSignedIn, Unreachable, UsageError
from triage.house import House

if TYPE_CHECKING:
    from triage.crm.port import Crm


_AGAIN = "Run `triage setup` again: it looks first what is there."


class Made(Struct, frozen=True):
    """A step, and what became of it."""

    step: Step
    state: str
    """The step's own, or made, or failed."""
    words: str

    @property
    def is_well(self) -> bool:
        """Whether the account has it by now."""
        return self.state in ("there", "made")


@click.command("setup")
@click.option("--dry-run", is_flag=True, help="Only say what there is and what is missing.")
@click.option("--yes", is_flag=True, help="Make what is missing without asking.")
@click.option("--metadata", metavar="DIR", help="Write Salesforce's metadata for a deployment, and end.")
@json_option
@profile_option
def setup_command(dry_run: bool, yes: bool, metadata: str | None, as_json: bool) -> None:
    """Make what the account needs for triage: it says first what that is, and asks once.

    Ends with 1 while anything is missing, failed, or has to be done by hand.
    """
    if metadata is not None:
        _write_metadata(Path(metadata))
        return

    def is_wanted(number: int) -> bool:
        return not dry_run and (yes or _asked(number))

    made = with_crm(lambda crm: _made(crm, is_wanted, shows=not as_json))
    if made is None:
        _say_nothing_to_do(as_json=as_json)
        return
    _tell(made, as_json=as_json)
    if not all(one.is_well for one in made):
        click.get_current_context().exit(1)


async def _made(crm: Crm, is_wanted: Callable[[int], bool], *, shows: bool) -> list[Made] | None:
    """Say what there is, and make what is missing if that is wanted; None where nothing has to be set up."""
    steps = await plan_at(crm)
    if steps is None:
        return None
    planned = [Made(step, step.state, step.words) for step in steps]
    if shows:
        _show(planned)
    missing = sum(one.state == "missing" for one in planned)
    return await _all_tried(crm, planned, shows=shows) if missing and is_wanted(missing) else planned


async def _all_tried(crm: Crm, planned: list[Made], *, shows: bool) -> list[Made]:
    """Make what is missing, in its order; one that fails stops the others only where nobody is reached."""
    done: list[Made] = []
    is_reached = True
    for number, one in enumerate(planned, 1):
        if one.state == "missing" and is_reached:
            if shows:
                narration.progress(f"{number} of {len(planned)}: {one.step.name}")
            after, is_reached = await _tried(crm, one)
            done.append(after)
        else:
            done.append(one)
    narration.progress_over()
    return done


async def _tried(crm: Crm, one: Made) -> tuple[Made, bool]:
    """Return what became of a step, and whether the CRM was reached."""
    try:
        await make_at(crm, one.step)
    except NotSignedIn:
        raise
    except Unreachable as error:
        return replace(one, state="failed", words=f"{error.message} {_AGAIN}"), False
    except CrmError as error:
        return replace(one, state="failed", words=f"{error.message} {error.hint}".strip()), True
    return replace(one, state="made"), True


def _asked(number: int) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("Nothing was made: nobody is here to be asked.", hint="Say --yes, or --dry-run.")
    return click.confirm(f"Make {number} that {'is' if number == 1 else 'are'} missing?", err=True)


def _show(made: list[Made]) -> None:
    rows = [(one.state, one.step.kind, one.step.name, one.words) for one in made]
    output.table(rows, ("STATE", "KIND", "NAME", "WHAT"))


def _tell(made: list[Made], *, as_json: bool) -> None:
    """Say what was made, what failed, and what is left to do by hand."""
    if as_json:
        steps = [
            {"name": one.step.name, "kind": one.step.kind, "state": one.state, "words": one.words}
            for one in made
        ]
        output.as_json({"complete": all(one.is_well for one in made), "steps": steps})
        return
    for one in made:
        if one.state == "made":
            output.line(f"made {one.step.name}")
    for state in ("failed", "differs", "by hand"):
        for words, those in _by_words([one for one in made if one.state == state]).items():
            narration.say(f"{state}: {', '.join(those)}: {words}")
    if missing := sum(one.state == "missing" for one in made):
        narration.say(f"{missing} missing: `triage setup` makes what is.")
    if all(one.is_well for one in made):
        narration.say("The account has all that triage needs.")


def _by_words(made: list[Made]) -> dict[str, list[str]]:
    """Return the names of steps by what is said of them: what fails mostly fails for one reason."""
    names: dict[str, list[str]] = {}
    for one in made:
        names.setdefault(one.words, []).append(one.step.name)
    return names


def _say_nothing_to_do(*, as_json: bool) -> None:
    if as_json:
        output.as_json({"complete": True, "steps": []})
        return
    _, profile = House.found(os.environ).profile(chosen_profile())
    output.line(f"Nothing has to be set up for {profile.crm}.")


def _write_metadata(folder: Path) -> None:
    """Write what an admin deploys to a Salesforce org; needs neither a profile nor a sign-in."""
    from triage.crm.salesforce.setting_up.metadata_setup import write_metadata

    write_metadata(folder)
    output.line(f"{folder}")
    narration.say(f"Deploy it with: cd {shlex.quote(str(folder))} && sf project deploy start")
