"""The account behind the lead: the same person twice, customer, open deal, colleagues who are leads too."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from screens.cells import Line, say
from screens.panels.glance import Glance
from screens.panels.marketing import fact
from screens.words import counted
from triage.domain.account import Account, Sibling

NAMED = 8
"""Colleagues who are named one by one."""
_NAMED_SHORT = 3
_WORDS = 1_000
"""Characters of a duplicate with what matched."""


class LeadLink(Struct, frozen=True):
    """Another lead that a line is about, where the rep has it here."""

    lead_id: str


Told = tuple[Line, str | LeadLink]
"""A line, and the lead that it is about (empty: none)."""


def account_line(glance: Glance) -> Line | None:
    """Return all of it on one line, what may change the decision first; None where there is nothing."""
    account = glance.lead.account
    deal = say(account.open_opportunity or "")
    parts = (_customer(account), f"open deal {deal}" if deal else "", _colleagues(glance, account.colleagues))
    rest = " · ".join(part for part in parts if part)
    if account.duplicate_of is not None:
        return fact(glance, "DUP of", say(account.duplicate_of.words), rest)
    return fact(glance, "account", rest) if rest else None


def names_another(glance: Glance) -> bool:
    """Whether the account says more than its badges do: whom it is a duplicate of, which deal is open."""
    account = glance.lead.account
    return account.duplicate_of is not None or bool(account.open_opportunity)


def account_lines(glance: Glance, key: str = "") -> list[Told]:
    """Return what is known of the account, line by line, with the lead that each is about.

    `key`: what opens that lead; empty where nothing does, as in the brief.
    """
    account = glance.lead.account
    told: list[Told] = []
    if account.duplicate_of is not None:
        twin = account.duplicate_of
        link = _link(glance, twin.lead_id)
        told.append((fact(glance, "DUP of", say(twin.words, _WORDS)), link))
        told.append((fact(glance, "", _where(glance, twin.lead_id, key)), link))
    about = " · ".join(part for part in (say(account.name), _customer(account)) if part)
    if account.customer and about:
        told.append((fact(glance, "account", about), ""))
    if account.open_opportunity:
        told.append((fact(glance, "open deal", say(account.open_opportunity)), ""))
    return told + _sibling_lines(glance, account.colleagues, key)


def open_here(glance: Glance, siblings: Iterable[Sibling]) -> int:
    """Count the colleagues who wait for the rep's word too."""
    return sum(glance.here.get(one.lead_id, False) for one in siblings)


def _customer(account: Account) -> str:
    return "a customer" if account.customer else ""


def _colleagues(glance: Glance, siblings: tuple[Sibling, ...]) -> str:
    """Return "3 colleagues, 2 open on your list: Jan Vogt, Mia Haas, …"."""
    if not siblings:
        return ""
    waiting = open_here(glance, siblings)
    count = counted(len(siblings), "colleague")
    names = ", ".join(say(one.name or one.lead_id) for one in siblings[:_NAMED_SHORT])
    more = ", …" if len(siblings) > _NAMED_SHORT else ""
    return f"{count}{f', {waiting} open on your list' if waiting else ''}: {names}{more}"


def _sibling_lines(glance: Glance, siblings: tuple[Sibling, ...], key: str) -> list[Told]:
    """Return a line for each colleague, those on the rep's list first."""
    if not siblings:
        return []
    waiting = open_here(glance, siblings)
    count = counted(len(siblings), "colleague")
    open_too = f"{waiting} open on your list" if waiting else ""
    lines: list[Told] = [(fact(glance, "also here", count, open_too), "")]
    ordered = sorted(
        siblings, key=lambda one: (not glance.here.get(one.lead_id, False), one.lead_id not in glance.here)
    )
    for one in ordered[:NAMED]:
        who = " ".join(part for part in (say(one.name), say(one.lead_id)) if part)
        lines.append((fact(glance, "", who, _where(glance, one.lead_id, key)), _link(glance, one.lead_id)))
    if len(ordered) > NAMED:
        lines.append((fact(glance, "", f"and {len(ordered) - NAMED} more"), ""))
    return lines


def _where(glance: Glance, lead_id: str, key: str) -> str:
    """Say whether a lead is on the rep's list, and what opens it there."""
    if lead_id not in glance.here:
        return "not on your list"
    there = f"{'open' if glance.here[lead_id] else 'decided'} on your list"
    return f"{there}, {key} opens it" if key else there


def _link(glance: Glance, lead_id: str) -> str | LeadLink:
    return LeadLink(lead_id) if lead_id in glance.here else ""
