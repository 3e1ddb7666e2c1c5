"""Leads as they stand in Odoo just before a write, and as a write would leave them.

Odoo has no precondition of a write: what is read here is compared, and what somebody changes between the two
calls is not noticed. A lead that is there and that the record rules hide is told apart from one that is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from triage.crm.odoo.account import Account
from triage.crm.odoo.api import Api, Fields, OdooRefused, Row
from triage.crm.odoo.chatter import LEAD
from triage.crm.odoo.rows import id_of, name_of
from triage.crm.odoo.statuses import STANDING, Statuses
from triage.domain.lead import LeadStatus
from triage.errors import NotPermitted

OUTCOME, REASON, KEY = "x_triage_outcome", "x_triage_reason", "x_triage_decision_key"
ANSWER, ANSWER_KIND = "x_triage_answer", "x_triage_answer_kind"
"""Fields that an admin may have made; all works without them."""
TYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        OUTCOME: ("char", "text"),
        REASON: ("char", "text"),
        KEY: ("char",),
        ANSWER: ("text", "char"),
        ANSWER_KIND: ("selection", "char"),
    }
)
"""The types in which they can be written; a field of another type is left alone."""
UNLINK, LINK = 3, 4
"""Odoo's commands to take a tag off a record, and to put one on it."""
_EVERYTHING = {"active_test": False}
_LONGEST_ID = 16
"""Digits of a number that no program loses a part of."""
LOSE, WRITE, REVIVE, CONVERT = "action_set_lost", "write", "action_unarchive", "convert"
"""The ways a lead is changed; converting is a wizard of Odoo's."""


class Write(Struct, frozen=True):
    """One change of a lead: by which way, and what is written."""

    way: str
    values: dict[str, Any]


class Standing(Struct, frozen=True):
    """One lead as it is, by its row."""

    lead_id: str
    row: Row
    status: LeadStatus
    tag: LeadStatus | None = None
    """What our tag on it says; the first of several."""

    @property
    def owner(self) -> str:
        """Whose it is; empty: nobody's."""
        return str(id_of(self.row.get("user_id")) or "")

    @property
    def owner_name(self) -> str:
        """What the owner is called, where Odoo says it."""
        return name_of(self.row.get("user_id"))

    @property
    def kind(self) -> str:
        """Whether it is a lead or an opportunity."""
        return str(self.row.get("type") or "")

    @property
    def is_active(self) -> bool:
        """Whether it is not lost."""
        return self.row.get("active") is not False

    @property
    def key(self) -> str:
        """The decision that was last written on it, where there is a field for that."""
        return str(self.row.get(KEY) or "")

    @property
    def version(self) -> str:
        """When it last changed, as Odoo writes it."""
        return str(self.row.get("write_date") or "")

    @property
    def answer(self) -> list[str]:
        """What stands in the two fields for marketing's answer: words and kind."""
        return [str(self.row.get(name) or "") for name in (ANSWER, ANSWER_KIND)]

    @property
    def before(self) -> dict[str, Any]:
        """What a restore goes back to."""
        return {
            "status": self.status.value,
            "owner": self.owner,
            "type": self.kind,
            "stage": id_of(self.row.get("stage_id")),
            "active": self.is_active,
            "lost_reason": id_of(self.row.get("lost_reason_id")),
            "tag": self.tag.value if self.tag is not None else "",
        }


class Found(Struct, frozen=True):
    """What became of leads that were looked for; a lead that is in neither is deleted."""

    there: dict[str, Standing]
    hidden: frozenset[str] = frozenset()
    """They are there, and not for this user."""


def writable(fields: Fields) -> frozenset[str]:
    """Return the names of fields that may be written, as far as types tell."""
    return frozenset(
        name for name, said in fields.items() if name not in TYPES or said.get("type") in TYPES[name]
    )


def standing_of(row: Row, statuses: Statuses) -> Standing:
    """Return a lead of its row."""
    tagged = statuses.tagged(row)
    tag = next((one for one in LeadStatus if one in tagged), None)
    return Standing(str(row["id"]), row, statuses.of(row), tag)


async def standings(api: Api, account: Account, ids: Iterable[str]) -> Found:
    """Return leads as they stand; two requests where one is missing, and one more for each that is."""
    wanted = sorted({int(one) for one in ids if one.isdecimal() and len(one) < _LONGEST_ID})
    if not wanted:
        return Found({})
    statuses = await account.statuses()
    fields = (*STANDING, *TYPES)
    rows = await api.search_read(LEAD, [["id", "in", wanted]], fields, context=_EVERYTHING)
    there = {str(row["id"]): standing_of(row, statuses) for row in rows}
    missing = [one for one in wanted if str(one) not in there]
    hidden = [str(one) for one in missing if await _is_hidden(api, one)]
    return Found(there, frozenset(hidden))


async def _is_hidden(api: Api, lead_id: int) -> bool:
    """Whether a lead that no search finds is there all the same."""
    try:
        await api.call(LEAD, "read", [lead_id], fields=["id"])
    except NotPermitted:
        return True
    except OdooRefused as error:
        if not error.is_missing:
            raise
    return False


def after(lead: Standing, writes: Sequence[Write], statuses: Statuses) -> Standing:
    """Return a lead as writes leave it."""
    row = dict(lead.row)
    for one in writes:
        row |= _changed(row, one)
    return standing_of(row, statuses)


def changes(lead: Standing, write: Write, statuses: Statuses) -> bool:
    """Whether a write would change anything."""
    then = after(lead, [write], statuses).row
    return any(_plain(then.get(name)) != _plain(lead.row.get(name)) for name in then)


def _changed(row: Row, write: Write) -> Row:
    values = dict(write.values)
    commands = values.pop("tag_ids", ())
    said: Row = {**values, "tag_ids": _tags(row.get("tag_ids"), commands)}
    if write.way == CONVERT:
        said["type"] = "opportunity"
    if write.way == LOSE:
        said["active"] = False
    if write.way == REVIVE:
        said |= {"active": True, "lost_reason_id": False}
    return said


def _tags(there: object, commands: Iterable[Sequence[int]]) -> list[int]:
    kept = [one for one in there if type(one) is int] if isinstance(there, list) else []
    for command, tag_id in commands:
        kept = [one for one in kept if one != tag_id] + ([tag_id] if command == LINK else [])
    return sorted(kept)


def _plain(value: object) -> object:
    """Return a value so that two ways of saying the same are equal: nothing, a reference, a set of ids."""
    if not isinstance(value, list):
        return value or None
    if len(value) > 1 and isinstance(value[1], str):
        return value[0]
    return sorted(one for one in value if type(one) is int) or None
