"""What both teams agreed on, as a front end asks for it: what is new to the rep, and what it was before.

On the store's thread, as the desk. What the rep has read is in the outbox: it outlives the cache of leads.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from triage.desk.later import Later
from triage.domain.rule_marks import Marks, mark, review_mark
from triage.errors import CrmError, NotAllowed

if TYPE_CHECKING:
    from triage.crm.port import Crm
    from triage.desk.books import Books
    from triage.desk.session import Session
    from triage.domain import rule_news
    from triage.domain.definition import Definition
    from triage.domain.proposals import Proposal, Proposals
    from triage.domain.reasons import ReasonBook
    from triage.domain.rule_history import RuleHistory
    from triage.domain.rule_news import RuleNews
    from triage.store import rule_history
else:
    rule_news, rule_history = Later("triage.domain.rule_news"), Later("triage.store.rule_history")

READ = "rules_read"
"""The outbox's note of the marks that the rep has put away."""
PROPOSALS = "proposals"
"""The cache's name of what was proposed."""
_LAST = "rules_last_seen"
"""The cache's note of the marks of the newest rules; `triage.store.rule_history` keeps it."""


class Agreement(Struct, frozen=True):
    """How the rules in force stand to what the rep knows of them."""

    news: RuleNews | None = None
    is_noted: bool = True
    """Whether all of it is written down here; else `take_note` is due, in a pause."""
    disputes: int | None = None
    """Disputes of the definition since it was agreed, where its review is due; None: nobody counts them."""


def standing(books: Books, definition: Definition, reasons: ReasonBook) -> Agreement:
    """Return what is new about these rules to the rep; cheap where nothing is. Reads only.

    Before the first fetch nobody knows which rules will be in force, so nothing is new.
    """
    known, last = books.outbox.note(READ), books.leads.note(_LAST) or {}
    if known is None:
        return Agreement(is_noted=books.leads.note("fetched_at") is None)
    marks = {"definition": mark(definition), "reasons": mark(reasons), "models": last.get("models", [])}
    is_noted = all(last.get(name) == marks[name] for name in ("definition", "reasons"))
    knows_all = all(known.get(name) == marked for name, marked in marks.items())
    if knows_all and not _asks_for_review(books, definition, known):
        return Agreement(is_noted=is_noted)
    history = rule_history.history_of(books.leads)
    found = rule_news.news(_marks(known), definition, reasons, history, books.clock())
    asks = found is not None and found.review is not None
    return Agreement(found, is_noted, proposals(books).disputes if asks else None)


def proposals(books: Books) -> Proposals:
    """Return the definitions that were proposed, as of the last fetch of the rules."""
    from triage.domain.proposals import Proposals  # noqa: PLC0415 - a start does without

    return books.leads.rule(PROPOSALS, Proposals) or Proposals()


async def bring(session: Session, crm: Crm) -> None:
    """Fetch definition, reason codes and proposals for a profile that fetches no leads.

    What it meets at first is no news, as for a rep; what cannot be read now stays as it was.
    """
    told = {}
    for name in ("definition", "reasons", PROPOSALS):
        ask = getattr(crm, name, None)
        with suppress(CrmError):  # nobody came here for these
            rules = await ask() if ask is not None else None
            if rules is not None:
                told[name] = rules
    await session.call(_keep, session.desk, told)


def _keep(books: Books, rules: dict[str, object]) -> None:
    rule_history.remember(books.leads, rules, books.clock())
    if books.outbox.note(READ) is None:
        take_note(books)


async def vote(session: Session, proposal_id: str, *, agrees: bool, why: str = "") -> Proposal:
    """Say yes or no to a proposal at the CRM, as its token's owner; the next sync fetches the rules again.

    NotAllowed where the CRM keeps no proposals, CrmError with its words where it refuses.
    """
    from triage.desk.online import reached  # noqa: PLC0415 - a start does without

    async with reached(session) as crm:
        say = getattr(crm, "vote", None)
        if say is None:
            raise NotAllowed("This CRM keeps no proposals.", hint="Change the file that both teams named.")
        proposal: Proposal = await say(proposal_id, agrees=agrees, why=why)
    await session.call(_note_vote, session.desk, proposal)
    return proposal


def _note_vote(books: Books, proposal: Proposal) -> None:
    """Keep a proposal as it stands now, and have the next sync fetch the rules."""
    told = proposals(books)
    standing = tuple(proposal if one.proposal_id == proposal.proposal_id else one for one in told.proposals)
    books.leads.remember_rules({PROPOSALS: replace(told, proposals=standing), "rules_at": None})


def _asks_for_review(books: Books, definition: Definition, known: dict[str, Any]) -> bool:
    due = definition.review_due
    return due is not None and due < books.clock() and known.get("review") != review_mark(definition)


def put_away(books: Books, marks: Marks) -> Agreement:
    """Remember that the rep has read the rules with these marks; returns what is new beyond that."""
    _remember(books, marks)
    return standing(books, books.definition(), books.reasons())


def _remember(books: Books, marks: Marks) -> None:
    books.outbox.remember(READ, msgspec.to_builtins(marks))


def take_note(books: Books) -> None:
    """Write down the rules in force; those that someone meets at first are no news."""
    definition, reasons = books.definition(), books.reasons()
    rule_history.remember_in_force(books.leads, definition, reasons, books.clock())
    if books.outbox.note(READ) is None:
        models = rule_history.models_of(books.leads)
        _remember(books, rule_news.marks_of(definition, reasons, models))


def history(books: Books) -> RuleHistory:
    """Return the rules that were seen here, those in force last."""
    found = rule_history.history_of(books.leads)
    return rule_history.with_those_in_force(found, books.definition(), books.reasons(), books.clock())


def _marks(known: dict[str, Any]) -> Marks:
    try:
        return msgspec.convert(known, Marks)
    except msgspec.ValidationError:  # written by a later version: what it means is not known here
        return Marks()
