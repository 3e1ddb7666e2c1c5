"""The cache of leads: what the CRM told last. Disposable: deleting it loses nothing that the rep did."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from tinydb import Query

from triage.clock import new_id
from triage.domain.lead import Lead, LeadId
from triage.domain.review import Reply
from triage.store import migrations
from triage.store.rows import lead_document, lead_of, reply_document, reply_of, value_document, value_of
from triage.store.tiny import JournalDB

LEADS = "leads"
REPLIES = "replies"
RULES = "rules"
ERASED = "erased"
"""The note that bytes of what was removed lie in the file still; another value each time."""
_INDEXES = {LEADS: ("lead_id", "gone"), REPLIES: ("reply_id", "of"), RULES: ("name",)}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CachedLead:
    """A lead, and whether it is no longer the rep's."""

    lead: Lead
    gone: bool = False


class Leads:
    """The rep's leads, marketing's replies, and the rules both teams agreed on, as last fetched."""

    def __init__(self, path: Path) -> None:
        self._db = JournalDB(path, indexes=_INDEXES, durable=False, migrations=migrations.LEADS)
        self._rules: dict[str, tuple[int, object]] = {}
        """Rules as they were read, with the generation of the file they were read at: an act asks for all."""

    @property
    def db(self) -> JournalDB:
        """The database, for noticing other processes' writes."""
        return self._db

    def __len__(self) -> int:
        """Count the leads that are the rep's."""
        return self._db.table(LEADS).count_by("gone", False)  # noqa: FBT003 - the value looked for

    def all(self) -> tuple[CachedLead, ...]:
        """Return every lead of the cache."""
        return tuple(self._db.table(LEADS).read(_cached))

    def find(self, lead_id: LeadId) -> CachedLead | None:
        """Return one lead, or None."""
        found = self._db.table(LEADS).read_by("lead_id", lead_id, _cached)
        return found[0] if found else None

    def replace_all(self, leads: Iterable[Lead], keep: Collection[LeadId], cursor: str) -> None:
        """Put these leads in the place of all others; those to keep stay, marked as gone."""
        fresh = {lead.lead_id: lead_document(lead) for lead in leads}
        kept = [
            {**document, "gone": True}
            for document in self._db.table(LEADS).all()
            if document["lead_id"] in keep and document["lead_id"] not in fresh
        ]
        self._db.replace_table(LEADS, [*fresh.values(), *kept])
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
        """Take in marketing's answers; those already known are left. Returns how many were added."""
        added = 0
        with self._db.transaction():
            table = self._db.table(REPLIES)
            for reply in replies:
                if table.one_by("reply_id", reply.reply_id) is None:
                    table.insert(reply_document(reply))
                    added += 1
            self._remember("replies_cursor", cursor)
        return added

    def replies(self) -> tuple[Reply, ...]:
        """Return marketing's answers, as they came."""
        return tuple(reply_of(document) for document in self._db.table(REPLIES).all())

    def gone(self) -> tuple[Lead, ...]:
        """Return the leads that are no longer the rep's, kept for what the rep said about them."""
        return tuple(one.lead for one in self._db.table(LEADS).read_by("gone", True, _cached))  # noqa: FBT003 - the value looked for

    def taken_at(self, lead_ids: Collection[LeadId]) -> dict[LeadId, datetime | None]:
        """Return when the copies of these leads were taken, as far as they are the rep's."""
        found = self._db.table(LEADS).read(
            lambda document, _id: (document["lead_id"], document["gone"], document["lead"].get("fetched_at"))
        )
        return {
            lead_id: datetime.fromisoformat(fetched_at) if fetched_at else None
            for lead_id, gone, fetched_at in found
            if lead_id in lead_ids and not gone
        }

    def ids(self) -> set[LeadId]:
        """Return the ids of every lead of the cache."""
        return set(self._db.table(LEADS).read(lambda document, _id: LeadId(document["lead_id"])))

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
                found = self._db.table(LEADS).one_by("lead_id", lead.lead_id)
                if found is not None:
                    self._put(lead_document(lead, gone=bool(found.get("gone"))))
                    self._remember(ERASED, new_id())

    def clear(self) -> None:
        """Drop everything: the leads, the replies, the rules and the places where the fetches ended."""
        self._db.drop_tables()

    def close(self) -> None:
        """Close the files."""
        self._db.close()

    def _drop(self, name: str, field: str, values: Collection[str]) -> int:
        """Remove documents, as one record; their bytes go with the next compaction."""
        table = self._db.table(name)
        if not values:
            return 0
        with self._db.transaction():
            found = (table.one_by(field, value) for value in values)
            gone = table.remove(doc_ids=[document.doc_id for document in found if document is not None])
            if gone:
                self._remember(ERASED, new_id())
        return len(gone)

    def _put(self, document: dict[str, Any]) -> None:
        table = self._db.table(LEADS)
        found = table.one_by("lead_id", document["lead_id"])
        if found:
            table.update(document, doc_ids=[found.doc_id])
        else:
            table.insert(document)

    def _let_go(self, lead_id: LeadId, *, keep: bool) -> bool:
        """Take a lead that went; returns whether its document went with it."""
        table = self._db.table(LEADS)
        found = table.one_by("lead_id", lead_id)
        if found is None:
            return False
        if keep:
            table.update({"gone": True}, doc_ids=[found.doc_id])
        else:
            table.remove(doc_ids=[found.doc_id])
        return not keep

    def _remember(self, name: str, value: Any) -> None:
        self._db.table(RULES).upsert({"name": name, "value": value}, Query().name == name)


def _cached(document: Mapping[str, Any], _doc_id: int) -> CachedLead:
    return CachedLead(lead_of(document), gone=bool(document.get("gone")))
