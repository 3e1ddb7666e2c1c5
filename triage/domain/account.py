"""The company behind a lead, as the CRM knows it: customers, duplicates, colleagues, do-not-contact."""

from __future__ import annotations

from msgspec import Struct


class Sibling(Struct, frozen=True):
    """Another open lead of the same account."""

    lead_id: str
    name: str = ""


class DuplicateMatch(Struct, frozen=True):
    """The record that seems to be the same person."""

    lead_id: str
    name: str = ""
    match: str = ""
    """What matched: the e-mail address, the phone number …"""
    confidence: float | None = None
    """0 to 1."""


class Account(Struct, frozen=True):
    """The account of a lead."""

    account_id: str = ""
    name: str = ""
    customer: bool = False
    open_opportunity: str | None = None
    siblings: tuple[Sibling, ...] = ()
    duplicate_of: DuplicateMatch | None = None
    do_not_contact: bool = False

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
