"""Purging: local copies removed on the rep's word, in every file that holds any. Nothing at the CRM changes.

Owns what goes with what. Must never touch network or keyring, and never remove what is undelivered unless
that is said too. A purge that was cut short is finished by the same one again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from triage.desk.keeping import Keeping
from triage.domain.archived import Archived
from triage.domain.item import UNDELIVERED, Item
from triage.domain.lead import Lead, LeadId
from triage.errors import NotAllowed, StoreError
from triage.store import retention
from triage.store.erasure import Names
from triage.store.leftovers import all_files, beside_journals, older, remove
from triage.store.seen import drop_marks
from triage.sync.turn import turn

_AGAIN = "Make room or mend the permissions, then run the same purge again: it removes the rest."


class Scope(Struct, frozen=True):
    """What is to go: all about some leads, all that is older than a moment, or, with neither, everything."""

    lead_ids: frozenset[LeadId] = frozenset()
    before: datetime | None = None


class Found(Struct, frozen=True):
    """What a purge would remove, and what it would leave with less in it."""

    items: tuple[Item, ...]
    lead_ids: frozenset[LeadId]
    reply_ids: frozenset[str]
    archived: frozenset[str]
    files: tuple[Path, ...]
    redacted_items: tuple[Item, ...] = ()
    """Settled items about other leads that named one of these, as they are without that."""
    redacted_leads: tuple[Lead, ...] = ()
    same_address: tuple[LeadId, ...] = ()
    """Other leads with the same e-mail address: perhaps the same person."""

    @property
    def undelivered(self) -> int:
        """How many items the CRM would never hear of."""
        return sum(item.state in UNDELIVERED for item in self.items)

    @property
    def counts(self) -> dict[str, int]:
        """How much of everything, by name."""
        return {
            "leads": len(self.lead_ids),
            "items": len(self.items),
            "undelivered": self.undelivered,
            "replies": len(self.reply_ids),
            "archived": len(self.archived),
            "redacted": len(self.redacted_items) + len(self.redacted_leads),
            "files": len(self.files),
        }


def look(keeping: Keeping, scope: Scope) -> Found:
    """Say what a purge would remove. Writes nothing."""
    if scope.lead_ids:
        return _about(keeping, scope.lead_ids)
    return _everything(keeping) if scope.before is None else _before(keeping, scope.before)


def purge(keeping: Keeping, scope: Scope, lock: Path, *, force: bool = False) -> Found:
    """Remove local copies; returns what went. NotAllowed, and nothing done, while a sync runs anywhere.

    The same for undelivered items, unless by `force`: then the CRM never hears of them.
    StoreError "Only a part was removed" once it has begun and cannot go on.
    """
    outbox = keeping.books.outbox
    with turn(lock, keeping.books.clock()) as holder:
        if holder is not None:
            raise NotAllowed(
                f"Another triage is syncing (process {holder.pid}).", hint="Try again in a moment."
            )
        with outbox.transaction():
            found = look(keeping, scope)
            if found.undelivered and not force:
                raise _refusal(found.undelivered)
            # The replies first: by its items a second run knows which replies are about a lead.
            keeping.books.leads.drop_replies(found.reply_ids)
            outbox.erase(item.id for item in found.items)
            outbox.redact(found.redacted_items)
            drop_marks(outbox.db, {*found.reply_ids, *found.archived, *(item.id for item in found.items)})
        try:
            _purge_rest(keeping, scope, found)
        except StoreError as error:
            raise StoreError(f"Only a part was removed: {error.message}", hint=_AGAIN) from error
    return found


def _purge_rest(keeping: Keeping, scope: Scope, found: Found) -> None:
    """Remove what is not in the outbox; the leads last: by them a second run knows the names again."""
    books = keeping.books
    if scope == Scope():
        remove(all_files(keeping.archive.folder))
    else:
        keeping.archive.erase(lambda row: row.id in found.archived)
    remove(found.files)
    retention.wipe(books.outbox, always=True)
    if scope == Scope():
        books.leads.clear()
    else:
        _purge_leads(keeping, scope, found)
    retention.wipe(books.leads, always=True)


def _purge_leads(keeping: Keeping, scope: Scope, found: Found) -> None:
    leads = keeping.books.leads
    with leads.db.transaction():
        leads.redact(found.redacted_leads)
        fetched_at = leads.note("fetched_at")
        if scope.before is not None and fetched_at and datetime.fromisoformat(fetched_at) < scope.before:
            leads.expire(found.lead_ids, fetched_at)
        else:
            leads.drop(found.lead_ids)


def _everything(keeping: Keeping) -> Found:
    books = keeping.books
    return Found(
        items=books.outbox.all(),
        lead_ids=frozenset(books.leads.ids()),
        reply_ids=frozenset(reply.reply_id for reply in books.replies()),
        archived=_ids(keeping.archive.readable()),
        files=_files(keeping),
    )


def _before(keeping: Keeping, before: datetime) -> Found:
    """Find what is older than a moment, by the rules of what is kept: what its lead needs stays."""
    outbox, leads = keeping.books.outbox, keeping.books.leads
    waiting = [item for item in outbox.in_states(UNDELIVERED) if item.made_at < before]
    without = {item.id for item in waiting}
    acts = retention.archivable(outbox, leads, before, without=without)
    settled = [outbox.get(item_id) for act in acts for item_id in act]
    expired = retention.expired(outbox, leads, before, without=without)
    items = (*waiting, *settled)
    return Found(
        items=items,
        lead_ids=frozenset(expired | retention.gone_for_long(outbox, leads, before, without=without)),
        reply_ids=frozenset(
            retention.old_replies(outbox, leads, before, without={item.id for item in items})
        ),
        archived=_ids(row for row in keeping.archive.all() if row.changed_at < before),
        files=older(_files(keeping), before),
    )


def _about(keeping: Keeping, lead_ids: frozenset[LeadId]) -> Found:
    """Find all that is about some leads or names one of them. What was kept aside may: all of it goes."""
    books = keeping.books
    items, cached = books.outbox.all(), [one.lead for one in books.leads.all()]
    names = Names.of(lead_ids, cached)
    about = [item for item in items if item.lead_id in lead_ids]
    fewer = [(item, names.out_of_item(item)) for item in items if item.lead_id not in lead_ids]
    naming = [(item, less) for item, less in fewer if item != less]
    waiting = [item for item, _ in naming if item.state in UNDELIVERED]
    archived = _ids(row for row in keeping.archive.all() if row.lead_id in lead_ids)
    ids = {item.id for item in about} | archived
    others = [(lead, names.out_of_lead(lead)) for lead in cached if lead.lead_id not in lead_ids]
    return Found(
        items=(*about, *waiting),
        lead_ids=frozenset(lead.lead_id for lead in cached if lead.lead_id in lead_ids),
        reply_ids=frozenset(one.reply_id for one in books.replies() if one.of in ids or names.are_in(one)),
        archived=archived,
        files=_files(keeping),
        redacted_items=tuple(less for item, less in naming if item.state not in UNDELIVERED),
        redacted_leads=tuple(less for lead, less in others if lead != less),
        same_address=_same_address(cached, lead_ids),
    )


def _same_address(cached: Iterable[Lead], lead_ids: frozenset[LeadId]) -> tuple[LeadId, ...]:
    leads = [(lead.lead_id, lead.email.strip().casefold()) for lead in cached if lead.email.strip()]
    theirs = {email for lead_id, email in leads if lead_id in lead_ids}
    return tuple(lead_id for lead_id, email in leads if email in theirs and lead_id not in lead_ids)


def _files(keeping: Keeping) -> tuple[Path, ...]:
    places = keeping.places
    beside = beside_journals([places.state, places.cache, keeping.archive.folder])
    return beside + all_files(places.logs)


def _ids(rows: Iterable[Archived]) -> frozenset[str]:
    return frozenset(row.id for row in rows)


def _refusal(undelivered: int) -> NotAllowed:
    what = "1 item is" if undelivered == 1 else f"{undelivered} items are"
    return NotAllowed(
        f"{what} not delivered yet: nothing was removed.",
        hint="Run `triage sync` or `triage queue drop`. With --force they go, and the CRM never hears.",
    )
