"""`definition proposals|propose|agree|decline`: how both teams come to another definition, at the CRM."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from msgspec.structs import replace

from triage.cli import narration, output
from triage.cli.session import json_option, opened, profile_option, with_crm, words
from triage.cli.shapes import Shape
from triage.clock import new_id
from triage.domain.amending import amended
from triage.domain.definition import Definition
from triage.domain.proposals import Proposal, Proposals, Word
from triage.domain.rule_changes import definition_changes
from triage.errors import NotAllowed, UsageError

if TYPE_CHECKING:
    from triage.crm.port import Crm


@click.command("proposals")
@click.option("--all", "everything", is_flag=True, help="Also those that were agreed on or declined.")
@json_option
@profile_option
def proposals_command(everything: bool, as_json: bool) -> None:
    """List definitions that were proposed: what they change, who has said what, and whose word they need."""
    told, current = with_crm(_proposals)
    listed = told.proposals if everything else told.waiting
    if as_json:
        output.as_json([_shape(one, current) for one in listed])
        return
    for one in listed:
        for text in _lines(one, current):
            output.line(text)
    if not listed:
        narration.say("No definition waits for a word.")
    if told.disputes:
        narration.say(f"The one in force was disputed {told.disputes} times since it was agreed.")


@click.command("propose")
@click.option("--set", "changes", metavar="NAME=VALUE", multiple=True, help="threshold=70, LINE.value=100, …")
@click.option("--drop", "dropped", metavar="LINE", multiple=True, help="A line that is to go.")
@click.option("--file", "path", type=click.Path(path_type=Path), help="A whole definition, as TOML.")
@click.option("--why", required=True, help="What the others read.")
@click.option("--dry-run", is_flag=True, help="Print what it would change; propose nothing.")
@json_option
@profile_option
def propose_command(
    changes: tuple[str, ...],
    dropped: tuple[str, ...],
    path: Path | None,
    why: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Propose another definition. It evaluates nothing until an owner of each side has agreed."""
    if not (changes or dropped or path):
        raise UsageError("Nothing is to change.", hint="Say what with --set, --drop or --file.")
    if not why.strip():
        raise UsageError("A proposal says why.", hint="--why is what the other side reads.")

    async def propose(crm: Crm) -> tuple[Proposal, Definition]:
        current = await _in_force(crm)
        new = amended(_from_file(path, current) if path else current, changes, dropped)
        if not definition_changes(current, new):
            raise UsageError("That is what is in force already.", hint="`triage definition show` prints it.")
        draft = Proposal(new_id(), current.version, new, words(why))
        if dry_run:
            return draft, current
        return await _made_before(crm, draft) or await _of(crm, "propose")(draft), current

    proposal, current = with_crm(propose)
    if dry_run:
        narration.say("Nothing was proposed (--dry-run).")
    _print(proposal, current, as_json=as_json)


@click.command("agree")
@click.argument("proposal", metavar="PROPOSAL")
@click.option("--why", default="", help="What the other side may read.")
@json_option
@profile_option
def agree_command(proposal: str, why: str, as_json: bool) -> None:
    """Say yes to a proposal (its id or version), as an owner; the second side's yes puts it in force."""
    _vote(proposal, agrees=True, why=why, as_json=as_json)


@click.command("decline")
@click.argument("proposal", metavar="PROPOSAL")
@click.option("--why", required=True, help="What the other side reads.")
@json_option
@profile_option
def decline_command(proposal: str, why: str, as_json: bool) -> None:
    """Say no to a proposal (its id or version), as an owner: it is closed then."""
    if not why.strip():
        raise UsageError("A no says why.", hint="--why is what the other side reads.")
    _vote(proposal, agrees=False, why=why, as_json=as_json)


COMMANDS = (proposals_command, propose_command, agree_command, decline_command)


def _vote(named: str, *, agrees: bool, why: str, as_json: bool) -> None:
    async def vote(crm: Crm) -> tuple[Proposal, Definition]:
        told, current = await _proposals(crm)
        found = told.find(named)
        if found is None:
            waiting = ", ".join(f"v{one.definition.version}" for one in told.waiting)
            raise UsageError(
                f"There is no proposal {named!r}.",
                hint=f"Waiting: {waiting or 'none'}; `triage definition proposals`.",
            )
        return await _of(crm, "vote")(found.proposal_id, agrees=agrees, why=words(why)), current

    proposal, current = with_crm(vote)
    _print(proposal, current, as_json=as_json)
    if proposal.state == "agreed":
        with opened() as session:
            session.wait(session.desk.leads.remember, "rules_at", None)  # the next sync asks for the rules
        narration.say("It is in force from now on; `triage sync` brings it here.")


async def _proposals(crm: Crm) -> tuple[Proposals, Definition]:
    return await _of(crm, "proposals")(), await _in_force(crm)


async def _made_before(crm: Crm, draft: Proposal) -> Proposal | None:
    """Return the same proposal of one's own that waits already: its answer may have been lost."""
    told: Proposals = await _of(crm, "proposals")()
    alike = [one for one in told.waiting if (one.based_on, one.why) == (draft.based_on, draft.why)]
    same = [one for one in alike if not definition_changes(draft.definition, one.definition)]
    who = (await crm.whoami()).user_id if same else ""
    return next((one for one in same if one.by.user_id == who), None)


async def _in_force(crm: Crm) -> Definition:
    current = await crm.definition()
    if current is None:
        raise _not_kept()
    return current


def _of(crm: Crm, name: str) -> Callable[..., Awaitable[Any]]:
    """Return what an adapter can do about proposals; NotAllowed where its CRM keeps none."""
    method = getattr(crm, name, None)
    if method is None:
        raise _not_kept()
    return cast("Callable[..., Awaitable[Any]]", method)


def _not_kept() -> NotAllowed:
    return NotAllowed(
        "This CRM keeps no definition, so none can be proposed there.",
        hint="Change the file that the profile's `definition` names, once both teams agree.",
    )


def _from_file(path: Path, current: Definition) -> Definition:
    """Return a file's definition; names and dates stay as they are: those are the CRM's to say."""
    from config import load

    read = load.definition(path)
    kept = ("version", "agreed_at", "agreed_by", "review_due", "owners")
    return replace(read, **{name: getattr(current, name) for name in kept})


def _print(proposal: Proposal, current: Definition, *, as_json: bool) -> None:
    if as_json:
        output.as_json(_shape(proposal, current))
        return
    for text in _lines(proposal, current):
        output.line(text)


def _lines(proposal: Proposal, current: Definition) -> Iterator[str]:
    new, base = proposal.definition, proposal.based_on
    by = f" by {proposal.by.name or proposal.by.user_id}" if proposal.by.user_id else ""
    named = f"v{new.version} " if new.version != base else ""
    yield f"{proposal.state.value} {named}from v{base}{by}: {proposal.why}"
    changes = definition_changes(current, new) if base == current.version else ()
    yield from (f"  {change.words}" for change in changes if proposal.is_open)
    yield from (f"  {_word(one)}" for one in proposal.words)
    for side in proposal.lacks:
        yield f"  waits for {current.owners.get(side, 'an owner')} ({side})"
    yield f"  {proposal.proposal_id}"


def _word(word: Word) -> str:
    said = "yes" if word.agrees else "no"
    return f"{word.by.name or word.by.user_id} ({word.side}) says {said}{f': {word.why}' if word.why else ''}"


def _shape(proposal: Proposal, current: Definition) -> Shape:
    shape: Shape = output.plain(proposal)
    same_base = proposal.based_on == current.version
    changes = definition_changes(current, proposal.definition) if same_base else ()
    return {
        **shape,
        "version": proposal.definition.version,
        "at": output.moment(proposal.at),
        "lacks": list(proposal.lacks),
        "changes": [change.words for change in changes],
    }
