"""The cache of leads: what the CRM told last. Disposable: deleting it loses nothing that the rep did."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from tinydb import Query

from triage.domain.lead import Lead, LeadId
from triage.domain.review import Reply
from triage.store.rows import lead_document, lead_of, reply_document, reply_of, value_document, value_of
from triage.store.tiny import JournalDB

LEADS = "leads"
REPLIES = "replies"
RULES = "rules"
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
        self._db = JournalDB(path, indexes=_INDEXES, durable=False)
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
            for lead_id in gone:
                self._let_go(lead_id, keep=lead_id in keep)
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

    def close(self) -> None:
        """Close the files."""
        self._db.close()

    def _put(self, document: dict[str, Any]) -> None:
        table = self._db.table(LEADS)
        found = table.one_by("lead_id", document["lead_id"])
        if found:
            table.update(document, doc_ids=[found.doc_id])
        else:
            table.insert(document)

    def _let_go(self, lead_id: LeadId, *, keep: bool) -> None:
        table = self._db.table(LEADS)
        found = table.one_by("lead_id", lead_id)
        if found is None:
            return
        if keep:
            table.update({"gone": True}, doc_ids=[found.doc_id])
        else:
            table.remove(doc_ids=[found.doc_id])

    def _remember(self, name: str, value: Any) -> None:
        self._db.table(RULES).upsert({"name": name, "value": value}, Query().name == name)


def _cached(document: Mapping[str, Any], _doc_id: int) -> CachedLead:
    return CachedLead(lead_of(document), gone=bool(document.get("gone")))
