"""A row of BottleCRM's list to the lead that a rep decides on. Pure; what is not said is empty.

BottleCRM keeps no moment of an assignment. Its own clock for an answer starts when a lead arrives, and so
does ours: at its last enquiry, else when it was made, or when triage gave it to this rep. A lead that triage
sent away before and that is back has no such moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from msgspec import Struct

from triage.crm.bottlecrm import names
from triage.crm.bottlecrm.account import name_of
from triage.crm.bottlecrm.reading import log
from triage.crm.bottlecrm.reading.score import number_of, score_of
from triage.crm.bottlecrm.statuses import Statuses, wakes_at
from triage.crm.dialect import Dialect
from triage.crm.fields import LARGEST_WHOLE, LIST_LIMIT, TEXT_LIMIT, Fields
from triage.crm.free_mail import told_by
from triage.crm.records.mark import Mark
from triage.domain.account import Account as Company
from triage.domain.act import Act
from triage.domain.lead import UNDECIDED, Fact, Lead, LeadId, LeadStatus, Mql, Owner, Recycle
from triage.domain.people import Rep
from triage.domain.score import TELLS_SCORE
from triage.domain.touch import Campaign, Touch

_TEXTS = {
    "title": "job_title",
    "company": "company_name",
    "email": "email",
    "phone": "phone",
    "city": "city",
    "profile_url": "linkedin_url",
    "website": "website",
    "industry": "industry",
    "source": "source",
    "language": "",
    "time_zone": "",
}
"""Our texts to the fields that hold them, where the profile names no other; empty: only if it names one."""
_FACTS = (
    *("industry", "country", "state", "postcode", "rating", "currency", "close_date"),
    *("next_follow_up", "source_detail", "source_ref", "salutation", "is_sample", "is_unanswered"),
)
_NO_FACTS = TELLS_SCORE | {*_TEXTS, "utm_campaign", "model_version", "employees"}
_OURS = "triage_"
_SENT_AWAY = (Act.REJECT, Act.RECYCLE, Act.DISQUALIFY)
_ASKED = {"webform": "web form", "email": "e-mail"}
"""By which ways it was the person who came, as the source of an arrival says."""
_ISO = 2
"""Letters of a country's code."""


class Reader(Struct, frozen=True):
    """What is needed to read any lead of a fetch."""

    me: Rep
    statuses: Statuses
    now: datetime

    @property
    def dialect(self) -> Dialect:
        """What the account calls things."""
        return self.statuses.dialect

    def read(self, row: Mapping[str, Any], unread: Counter[str]) -> Lead | None:
        """Return a lead; None, and counted, for a row without an id."""
        lead_id = Fields(row, unread).id("id")
        if lead_id is None:
            unread["id"] += 1
            return None
        return _Row(row, self, unread).lead(LeadId(lead_id))


class _Row:
    """One row, with its own fields, its custom ones, and what triage wrote there."""

    def __init__(self, row: Mapping[str, Any], reader: Reader, unread: Counter[str]) -> None:
        self._row = row
        self._reader = reader
        self._fields = Fields(row, unread)
        self._custom = log.custom_of(row)
        self._marks = log.read(row)
        self._status = reader.statuses.status(row, reader.now)

    def lead(self, lead_id: LeadId) -> Lead:
        fields, reader = self._fields, self._reader
        arrived = fields.time("last_enquiry_at") or fields.time("created_at")
        contacted_at, last_touch_at = self._contact(fields.time("created_at"))
        score = score_of(self._value, reader.dialect)
        touches = tuple(self._touches())
        return Lead(
            lead_id=lead_id,
            version=fields.text("updated_at"),
            status=self._status,
            owner=self._owner(),
            name=_joined(" ", fields.text("first_name"), fields.text("last_name")) or fields.text("title"),
            **self._texts(),
            country=self._country(),
            employees=self._employees(),
            campaign=self._campaign(),
            created_at=fields.time("created_at"),
            event_at=fields.time("last_enquiry_at"),
            assigned_at=self._assigned_at(arrived),
            contacted_at=contacted_at,
            last_touch_at=last_touch_at,
            mql=self._mql() or (self._rated() if score is None else None),
            score=score,
            facts=dict(self._facts()),
            touches=touches,
            moment=_first_line(fields.text("description")) or fields.text("title"),
            account=Company(name=self._text("company")),
            recycles=tuple(self._recycles()),
            snoozed_until=wakes_at(self._row) if self._status is LeadStatus.SNOOZED else None,
            last_decision_id=Fields(self._custom, Counter()).id(names.KEY),
            fetched_at=reader.now,
        )

    def _value(self, name: str) -> Any:
        """Return what a custom field says, else a field of BottleCRM's own; None where there is neither."""
        said = self._custom.get(name)
        return said if said not in (None, "") else self._row.get(name)

    def _texts(self) -> dict[str, Any]:
        return {ours: self._text(ours) for ours in _TEXTS}

    def _text(self, ours: str) -> str:
        named = self._reader.dialect.fields.get(ours, "")
        if named:
            said = self._value(named)
            return said[:TEXT_LIMIT] if isinstance(said, str) else ""
        return self._fields.text(_TEXTS[ours]) if _TEXTS[ours] else ""

    def _owner(self) -> Owner:
        """Return the rep where it is theirs, however many others have it too; else the first who has it."""
        owners = [Owner(one.text("id"), name_of(one)) for one in self._fields.children("assigned_to")]
        mine = (one for one in owners if one.user_id == self._reader.me.user_id)
        return next(mine, None) or next(iter(owners), Owner(""))

    def _country(self) -> str:
        named = self._reader.dialect.fields.get("country", "") or "country"
        said = self._value(named)
        code = said.strip().upper() if isinstance(said, str) else ""
        return code if len(code) == _ISO and code.isascii() and code.isalpha() else ""

    def _employees(self) -> int | None:
        named = self._reader.dialect.fields.get("employees", "") or "employees"
        said = number_of(self._value(named))
        return int(said) if said is not None and said.is_integer() and 0 <= said <= LARGEST_WHOLE else None

    def _campaign(self) -> Campaign | None:
        said = self._value(self._reader.dialect.fields.get("utm_campaign", "") or "source_detail")
        return Campaign(said[:TEXT_LIMIT]) if isinstance(said, str) and said.strip() else None

    def _assigned_at(self, arrived: datetime | None) -> datetime | None:
        given = [mark for mark in self._standing_marks() if mark.word in (Act.REROUTE, *_SENT_AWAY)]
        if not given:
            return arrived
        last = given[-1]
        came_back = arrived is not None and last.at is not None and arrived > last.at
        return arrived if came_back else (last.at if last.word == Act.REROUTE else None)

    def _contact(self, created: datetime | None) -> tuple[datetime | None, datetime | None]:
        """Return the first contact by sales that BottleCRM knows of, and the last.

        It counts the first answer to the moment; of all others people may have put down the day.
        """
        said = self._fields.text("last_contacted")
        day = _day(said)
        if said and day is None:
            self._fields.count("last_contacted")
        if day is not None and created is not None:
            day = max(day, created)
        found = (self._fields.time("first_response_at"), day, self._fields.time("last_outbound_at"))
        known = [at for at in found if at is not None and at <= self._reader.now]
        return next(iter(known), None), max(known, default=None)

    def _mql(self) -> Mql | None:
        """Return that the person came by themselves, where the way of their arrival says so."""
        way = self._fields.text("external_source").partition(":")[0]
        if way not in _ASKED or not self._fields.has("last_enquiry_at"):
            return None
        return Mql("hand_raise", _ASKED[way])

    def _rated(self) -> Mql | None:
        rating = self._fields.text("rating")
        return Mql("rating", f"rated {rating.casefold()}") if rating else None

    def _facts(self) -> Iterator[tuple[str, Fact]]:
        """Yield what a definition can be compared with: BottleCRM's fields, custom ones, the profile's."""
        yield from told_by(self._fields.text("email")).items()
        for name in _FACTS:
            yield from _fact(name, self._row.get(name))
        yield from _fact("probability", self._row.get("probability") or None)
        amount = number_of(self._row.get("opportunity_amount"))
        yield from _fact("opportunity_amount", amount)
        yield from _fact("subject", self._row.get("title"))
        yield from _fact("tags", self._tags())
        yield from _fact("employees", self._employees())
        for name, value in list(self._custom.items())[:LIST_LIMIT]:
            if not name.startswith(_OURS):
                yield from _fact(name, value)
        for ours, theirs in self._reader.dialect.fields.items():
            if ours not in _NO_FACTS:
                yield from _fact(ours, self._value(theirs))

    def _touches(self) -> Iterator[Touch]:
        """Yield what is known of its way: how it came, and when it came again."""
        fields = self._fields
        created, again = fields.time("created_at"), fields.time("last_enquiry_at")
        yield Touch(
            touch_id="created",
            at=created,
            kind="created",
            channel=fields.text("source"),
            campaign=fields.text("source_detail"),
            asset=fields.text("title"),
            summary=_joined("\n", fields.text("description"), self._besides()),
            roles=("first", "creating"),
        )
        if again is not None and (created is None or (again - created).total_seconds() > 1):
            yield Touch(
                "enquiry", again, "enquiry", fields.text("source"), summary="asked again", roles=("last",)
            )

    def _besides(self) -> str:
        """Return in one line what people of BottleCRM put beside a lead: no field of ours has room for it."""
        fields = self._fields
        amount, likely = fields.text("opportunity_amount"), number_of(self._row.get("probability"))
        return _joined(
            " · ",
            _told("tagged ", self._tags()),
            _told("worth ", _joined(" ", amount, fields.text("currency")) if amount else ""),
            f"{likely:g} % likely" if likely else "",
            _told("to close by ", fields.text("close_date")),
            _told("follow-up on ", fields.text("next_follow_up")),
            _told("by ", (fields.child("created_by") or Fields({}, Counter())).text("email")),
        )

    def _tags(self) -> str:
        return ", ".join(tag.text("name") for tag in self._fields.children("tags"))

    def _recycles(self) -> Iterator[Recycle]:
        """Yield the times that triage sent it back to nurture before, if it waits again."""
        for mark in self._standing_marks() if self._status in UNDECIDED else ():
            if mark.word == Act.RECYCLE:
                yield Recycle(mark.at, mark.item.text("reason"), mark.rep.name)

    def _standing_marks(self) -> list[Mark]:
        """Return what was decided and not taken back."""
        undone = {mark.item.text("of") for mark in self._marks if mark.word == Act.RESTORE}
        return [mark for mark in self._marks if mark.item_id not in undone]


def _fact(name: str, value: object) -> Iterator[tuple[str, Fact]]:
    """Yield a fact where something is said: never a list or an object, nor a number that no program keeps."""
    if isinstance(value, str) and value:
        yield name, value[:TEXT_LIMIT]
    elif isinstance(value, bool):
        yield name, value
    elif isinstance(value, int | float) and number_of(value) is not None:
        is_small = abs(value) <= LARGEST_WHOLE
        if isinstance(value, float) or is_small:
            yield name, int(value) if is_small and value == int(value) else value


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        return None


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _told(what: str, text: str) -> str:
    return f"{what}{text}" if text.strip() else ""


def _joined(between: str, *parts: str) -> str:
    return between.join(part.strip() for part in parts if part.strip())
