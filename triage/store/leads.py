"""The cache of leads: what the CRM told last. Disposable: deleting it loses nothing that the rep did.

In memory are the outlines; the leads themselves are read from the disk when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar, cast

from msgspec import Raw, Struct
from msgspec.structs import replace
from tinydb import Query

from triage.clock import new_id
from triage.domain.lead import Lead, LeadId
from triage.domain.outline import Outline
from triage.domain.review import Reply
from triage.errors import CorruptJournal, StoreError
from triage.store import migrations
from triage.store.bodies import Filed
from triage.store.replica import collector_paused
from triage.store.rows import (
    LeadOutline,
    amended_json,
    lead_document,
    lead_json,
    lead_of,
    lead_of_json,
    lead_of_outline,
    outline_of,
    reply_document,
    reply_of,
    value_document,
    value_of,
)
from triage.store.tiny import JournalDB

LEADS = "leads"
REPLIES = "replies"
RULES = "rules"
ERASED = "erased"
"""The note that bytes of what was removed lie in the file still; another value each time."""
_INDEXES = {LEADS: ("lead_id",), REPLIES: ("reply_id", "of"), RULES: ("name",)}
_AT_HAND = 64
"""Leads that were read of late: a brief asks for its own again and again."""
_FETCHED_AGAIN = "Try again after the next sync: it fetches all leads. What you decided is not in this file."
_T = TypeVar("_T")
_Row = Mapping[str, Any] | Filed
Made = Callable[[Outline, Callable[[], Lead], bool], _T]
"""Makes a value of a lead's outline, of what reads the whole of it, and of whether it is gone."""


class CachedLead(Struct, frozen=True):
    """A lead, and whether it is no longer the rep's."""

    lead: Lead
    gone: bool = False


class Written(Struct, frozen=True):
    """A lead as it will be written down: made while others are still on their way."""

    lead_id: LeadId
    document: Mapping[str, Any] | Raw

    @classmethod
    def of(cls, lead: Lead) -> Written:
        """Write a lead."""
        return cls(lead.lead_id, lead_json(lead))


class _Whole(Struct, frozen=True, eq=False, gc=False):
    """Reads the whole of a lead: a quarter of the room of a `partial`, and there is one for each lead."""

    read: Callable[[Any], Lead]
    row: _Row

    def __call__(self) -> Lead:
        """Read it."""
        return self.read(self.row)


class Leads:
    """The rep's leads, marketing's replies, and the rules both teams agreed on, as last fetched."""

    def __init__(self, path: Path) -> None:
        self._db = JournalDB(
            path,
            indexes=_INDEXES,
            outlined={LEADS: LeadOutline},
            has_checkpoint=True,
            durable=False,
            migrations=migrations.LEADS,
        )
        self._whole = lru_cache(_AT_HAND)(_lead_of)
        self._rules: dict[str, tuple[int, object]] = {}
        """Rules as they were read, with the generation of the file they were read at: an act asks for all."""

    @property
    def db(self) -> JournalDB:
        """The database, for noticing other processes' writes."""
        return self._db

    def __len__(self) -> int:
        """Count the leads that are the rep's."""
        return sum(not _is_gone(row) for row in self._db.table(LEADS).held())

    def outlines(self, make: Made[_T]) -> list[_T]:
        """Make a value of each lead: of its outline, what reads the whole of it, and whether it is gone.

        It is read by any thread. One that is found damaged reads as far as its outline says, and the cache
        begins anew at the next look: the next sync fetches everything.
        """
        self._whole.cache_clear()
        read = self._read_or_outline  # one for all of them
        with collector_paused():
            return [self._made(row, read, make) for row in self._db.table(LEADS).held()]

    def outline(self, lead_id: LeadId, make: Made[_T], *, strict: bool) -> _T | None:
        """Make the same of one lead, or None. `strict`: what reads it raises where it is found damaged."""
        read = self._whole if strict else self._read_or_outline
        for row in self._db.table(LEADS).held_by("lead_id", lead_id):
            return self._made(row, read, make)
        return None

    def outlines_of(self, lead_ids: Iterable[LeadId], make: Made[_T], *, strict: bool) -> list[_T]:
        """Make the same of some leads, in this order; those that are not here are left out."""
        read = self._whole if strict else self._read_or_outline
        rows = self._db.table(LEADS).held_by_each("lead_id", lead_ids)
        return [self._made(row, read, make) for row in rows]

    def all(self) -> Iterator[CachedLead]:
        """Yield every lead of the cache, read one by one."""
        for row in list(self._db.table(LEADS).held()):
            yield CachedLead(_lead_of(row), _outline_of(row).gone)

    def find(self, lead_id: LeadId) -> CachedLead | None:
        """Return one lead, or None."""
        return self.outline(lead_id, lambda _outline, read, gone: CachedLead(read(), gone), strict=True)

    def replace_all(self, leads: Iterable[Lead | Written], keep: Collection[LeadId], cursor: str) -> None:
        """Put these leads in the place of all others; those to keep stay, marked as gone."""
        fresh = {lead.lead_id: lead for lead in leads}
        kept: list[Lead | Written | Mapping[str, Any]] = [
            {**document, "gone": True}
            for lead_id in sorted(keep)
            if lead_id not in fresh
            for document in self._db.table(LEADS).by("lead_id", lead_id)
        ]
        self._db.replace_table(LEADS, [*fresh.values(), *kept], _document)
        self.remember("cursor", cursor)

    def merge(
        self, leads: Iterable[Lead], gone: Iterable[LeadId], keep: Collection[LeadId], cursor: str
    ) -> None:
        """Take in what changed since the cursor, as one record; leads to keep are only marked as gone."""
        with self._db.transaction():
            for lead in leads:
                self._put(lead_document(lead))
            if sum([self._let_go(lead_id, keep=lead_id in keep) for lead_id in gone]):
                self._remember(ERASED, new_id())
            self._remember("cursor", cursor)

    def put(self, lead: Lead) -> None:
        """Record one lead as it is now."""
        with self._db.transaction():
            self._put(lead_document(lead))

    def amend(self, changes: Mapping[LeadId, Mapping[str, Any]]) -> None:
        """Change fields of leads that are the rep's; the others are left out."""
        odd: list[LeadId] = []

        def amended() -> dict[int, Raw]:
            quick = {
                doc_id: (
                    amended_json(row.raw(), changes[lead_id]) if isinstance(row, Filed) else None,
                    lead_id,
                )
                for lead_id in changes
                for doc_id, row in self._own(lead_id)
            }
            odd.extend(lead_id for raw, lead_id in quick.values() if raw is None)
            return {doc_id: raw for doc_id, (raw, _) in quick.items() if raw is not None}

        if changes:
            self._db.rewrite(LEADS, amended)
        for lead_id in odd:
            with self._db.transaction():
                for _, row in self._own(lead_id):
                    self._put(lead_document(replace(_lead_of(row), **changes[lead_id])))

    def note(self, name: str) -> Any:
        """Return a remembered value, or None."""
        found = self._db.table(RULES).one_by("name", name)
        return found["value"] if found else None

    def remember(self, name: str, value: Any) -> None:
        """Keep a JSON value under a name."""
        with self._db.transaction():
            self._remember(name, value)

    def rule(self, name: str, kind: type[_T]) -> _T | None:
        """Return a fetched rule (definition, reasons, people …) as its domain type, or None."""
        generation, known = self._rules.get(name, (-1, None))
        if generation != self._db.generation:
            value = self.note(name)
            known = None if value is None else value_of(value, kind)
            self._rules[name] = (self._db.generation, known)
        return cast("_T | None", known)

    def remember_rules(self, rules: Mapping[str, object]) -> bool:
        """Keep domain values under their names, as one record; says whether any of them is another now."""
        documents = {name: value_document(value) for name, value in rules.items()}
        changed = {name: document for name, document in documents.items() if self.note(name) != document}
        with self._db.transaction():
            for name, document in changed.items():
                self._remember(name, document)
        return bool(changed)

    def forget_cursors(self) -> None:
        """Have everything fetched again: what is here may have holes."""
        with self._db.transaction():
            for name in ("cursor", "replies_cursor", "rules_at"):
                self._remember(name, None)

    def add_replies(self, replies: Iterable[Reply], cursor: str) -> int:
        """Take in marketing's answers; of known ones, that they were seen. Returns how many are new."""
        with self._db.transaction():
            added = sum([self._add_reply(reply) for reply in replies])
            self._remember("replies_cursor", cursor)
        return added

    def _add_reply(self, reply: Reply) -> bool:
        """Take in one; returns whether it is new. What was seen once stays seen."""
        table = self._db.table(REPLIES)
        known = table.one_by("reply_id", reply.reply_id)
        if known is None:
            table.insert(reply_document(reply))
        elif reply.seen_at is not None and known.get("seen_at") is None:
            table.put(reply_document(reply), table.ids_by("reply_id", reply.reply_id)[0])
        return known is None

    def replies(self) -> tuple[Reply, ...]:
        """Return marketing's answers, as they came."""
        return tuple(reply_of(document) for document in self._db.table(REPLIES).all())

    def gone(self) -> tuple[Lead, ...]:
        """Return the leads that are no longer the rep's, kept for what the rep said about them."""
        return tuple(_lead_of(row) for row in self._db.table(LEADS).held() if _is_gone(row))

    def taken_at(self, lead_ids: Collection[LeadId]) -> dict[LeadId, datetime | None]:
        """Return when the copies of these leads were taken, as far as they are the rep's."""
        known = map(_outline_of, self._db.table(LEADS).held())
        return {one.lead_id: one.lead.fetched_at for one in known if one.lead_id in lead_ids and not one.gone}

    def ids(self) -> set[LeadId]:
        """Return the ids of every lead of the cache."""
        return {_outline_of(row).lead_id for row in self._db.table(LEADS).held()}

    def expire(self, lead_ids: Collection[LeadId], fetched_at: str) -> int:
        """Drop leads last fetched at this moment, as one record; all are fetched again. Returns how many.

        None is dropped when another process has fetched since.
        """
        with self._db.transaction():
            if self.note("fetched_at") != fetched_at:
                return 0
            for name, value in {"cursor": None, "fetched_at": None, "expired": fetched_at}.items():
                self._remember(name, value)
            return self.drop(lead_ids)

    def drop(self, lead_ids: Collection[LeadId]) -> int:
        """Drop leads, as one record; returns how many were there."""
        return self._drop(LEADS, "lead_id", lead_ids)

    def drop_replies(self, reply_ids: Collection[str]) -> int:
        """Drop marketing's answers, as one record; returns how many were there."""
        return self._drop(REPLIES, "reply_id", reply_ids)

    def redact(self, leads: Iterable[Lead]) -> None:
        """Put leads in the place of those of the same ids, gone or not: less is said in them."""
        with self._db.transaction():
            for lead in leads:
                for row in self._db.table(LEADS).held_by("lead_id", lead.lead_id):
                    self._put(lead_document(lead, gone=_outline_of(row).gone))
                    self._remember(ERASED, new_id())

    def clear(self) -> None:
        """Drop everything: the leads, the replies, the rules and the places where the fetches ended."""
        self._db.drop_tables()

    def close(self) -> None:
        """Close the files."""
        self._whole.cache_clear()
        self._db.close()

    def _made(self, row: _Row, read: Callable[[Filed], Lead], make: Made[_T]) -> _T:
        if isinstance(row, Filed):
            return make(row.part.lead, _Whole(read, row), row.part.gone)
        outline = outline_of(row)
        return make(outline.lead, _Whole(lead_of, row), outline.gone)

    def _read_or_outline(self, document: Filed) -> Lead:
        try:
            return self._whole(document)
        except StoreError:
            return lead_of_outline(document.part.lead)

    def _drop(self, name: str, field: str, values: Collection[str]) -> int:
        """Remove documents, as one record; their bytes go with the next compaction."""
        table = self._db.table(name)
        if not values:
            return 0
        with self._db.transaction():
            found = (table.ids_by(field, value)[:1] for value in values)
            gone = table.remove(doc_ids=list(chain.from_iterable(found)))
            if gone:
                self._remember(ERASED, new_id())
        return len(gone)

    def _put(self, document: dict[str, Any]) -> None:
        table = self._db.table(LEADS)
        found = table.ids_by("lead_id", document["lead_id"])
        if found:
            table.put(document, found[0])
        else:
            table.put(document)

    def _own(self, lead_id: LeadId) -> list[tuple[int, _Row]]:
        """Return a lead's document with its id, if the lead is the rep's."""
        table = self._db.table(LEADS)
        found = zip(table.ids_by("lead_id", lead_id), table.held_by("lead_id", lead_id), strict=True)
        return [(doc_id, row) for doc_id, row in found if not _is_gone(row)]

    def _let_go(self, lead_id: LeadId, *, keep: bool) -> bool:
        """Take a lead that went; returns whether its document went with it."""
        table = self._db.table(LEADS)
        found = table.ids_by("lead_id", lead_id)[:1]
        if keep:
            table.update({"gone": True}, doc_ids=found)
        else:
            table.remove(doc_ids=found)
        return bool(found) and not keep

    def _remember(self, name: str, value: Any) -> None:
        self._db.table(RULES).upsert({"name": name, "value": value}, Query().name == name)


def _lead_of(row: _Row) -> Lead:
    if not isinstance(row, Filed):
        return lead_of(row)
    try:
        return lead_of_json(row.raw())
    except CorruptJournal as error:
        # Nothing of a cache is worth salvaging: it is moved aside at the next look, and fetched again.
        raise CorruptJournal(
            error.message, path=error.path, offset=error.offset, hint=_FETCHED_AGAIN
        ) from error


def _is_gone(row: _Row) -> bool:
    return bool(row.part.gone if isinstance(row, Filed) else row["gone"])


def _outline_of(row: _Row) -> LeadOutline:
    if isinstance(row, Filed):
        outline: LeadOutline = row.part
        return outline
    return outline_of(row)


def _document(lead: Lead | Written | Mapping[str, Any]) -> Mapping[str, Any] | Raw:
    if isinstance(lead, Written):
        return lead.document
    return lead_json(lead) if isinstance(lead, Lead) else lead
