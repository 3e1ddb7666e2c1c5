"""The company behind a lead, as the CRM knows it: customers, duplicates, colleagues, do-not-contact."""

from __future__ import annotations

from msgspec import Struct


class Sibling(Struct, frozen=True, gc=False):
    """Another open lead of the same account."""

    lead_id: str
    name: str = ""


class DuplicateMatch(Struct, frozen=True, gc=False):
    """The record that seems to be the same person."""

    lead_id: str
    name: str = ""
    match: str = ""
    """What matched: the e-mail address, the phone number …"""
    confidence: float | None = None
    """0 to 1."""
    found_here: bool = False
    """Whether it was found by comparing the leads here; else it is the CRM's own word."""

    @property
    def words(self) -> str:
        """Return "Ana Ruiz L-000123: same phone, name 96 % (0.93, found here)"."""
        who = " ".join(part for part in (self.name, self.lead_id) if part)
        sure = f"{self.confidence:.2f}" if self.confidence is not None else ""
        by = ", ".join(part for part in (sure, "found here" if self.found_here else "") if part)
        return f"{who}{f': {self.match}' if self.match else ''}{f' ({by})' if by else ''}"


class Account(Struct, frozen=True, gc=False):
    """The account of a lead."""

    account_id: str = ""
    name: str = ""
    customer: bool = False
    open_opportunity: str | None = None
    siblings: tuple[Sibling, ...] = ()
    duplicate_of: DuplicateMatch | None = None
    do_not_contact: bool = False

    @property
    def colleagues(self) -> tuple[Sibling, ...]:
        """Return the siblings who are other people."""
        twin = self.duplicate_of
        return tuple(one for one in self.siblings if twin is None or one.lead_id != twin.lead_id)

    @property
    def badges(self) -> tuple[str, ...]:
        """Return the warnings of the list: DUP CUST OPP SIB DNC, the gravest first."""
        flags = (
            ("DNC", self.do_not_contact),
            ("CUST", self.customer),
            ("OPP", bool(self.open_opportunity)),
            ("DUP", self.duplicate_of is not None),
            ("SIB", bool(self.siblings)),
        )
        return tuple(name for name, raised in flags if raised)
