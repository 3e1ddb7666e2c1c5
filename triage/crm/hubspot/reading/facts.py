"""What a portal tells about a contact that a definition can be compared with. Pure; nothing is guessed.

A fact that HubSpot does not keep is unknown, unless the profile names the property that has it (`fields`).
Not confirmed against a live account: `hs_seniority` and its values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from triage.crm.dialect import Dialect
from triage.crm.free_mail import told_by
from triage.crm.hubspot.values import Values
from triage.domain.lead import Fact
from triage.domain.score import TELLS_SCORE

PROPERTIES = ("hs_seniority", "hs_email_optout", "hs_email_bounce", "lifecyclestage")
NO_FACTS = TELLS_SCORE | {"utm_campaign", "hand_raise", "contacted_at", "attempts"}
"""Names of the profile's `fields` that are read elsewhere."""
_LEVELS = frozenset({"manager", "director", "vp", "senior", "entry", "employee"})
"""Values that mean here what they mean in a definition. Of "executive" and "owner" that is not sure."""
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?")
_COUNTRIES = {
    "austria": "AT", "belgium": "BE", "switzerland": "CH", "germany": "DE", "denmark": "DK", "spain": "ES",
    "finland": "FI", "france": "FR", "united kingdom": "GB", "great britain": "GB", "ireland": "IE",
    "italy": "IT", "luxembourg": "LU", "netherlands": "NL", "norway": "NO", "poland": "PL", "portugal": "PT",
    "sweden": "SE", "czech republic": "CZ", "czechia": "CZ", "hungary": "HU", "romania": "RO", "greece": "GR",
    "united states": "US", "united states of america": "US", "usa": "US", "canada": "CA", "mexico": "MX",
    "brazil": "BR", "australia": "AU", "new zealand": "NZ", "japan": "JP", "india": "IN", "singapore": "SG",
    "china": "CN", "south korea": "KR", "south africa": "ZA", "israel": "IL", "turkey": "TR",
    "united arab emirates": "AE",
}  # fmt: skip
"""Names that HubSpot writes into a country; another one stays unknown."""


def country_of(code: str, name: str) -> str:
    """Return ISO 3166 alpha-2 from a code or an English name; empty where neither says it for certain."""
    for said in (code.strip(), name.strip()):
        if re.fullmatch(r"[A-Za-z]{2}", said):
            return said.upper()
        if said.casefold() in _COUNTRIES:
            return _COUNTRIES[said.casefold()]
    return ""


def employees_of(contact: Values, company: Values, dialect: Dialect) -> int | None:
    """Return how many work there, where a number says so; a range such as 25-50 does not."""
    named = dialect.fields.get("employees", "")
    said = contact.text(named) if named else company.text("numberofemployees") or contact.text("numemployees")
    return int(said) if re.fullmatch(r"[0-9]{1,9}", said.strip()) else None


def facts_of(contact: Values, dialect: Dialect, known: Mapping[str, Fact]) -> dict[str, Fact]:
    """Return the facts, `known` ones of the lead among them; what nobody says is left out."""
    facts: dict[str, Fact] = {name: value for name, value in known.items() if value not in (None, "")}
    level = contact.text("hs_seniority").strip().casefold()
    if level in _LEVELS:
        facts["title_level"] = level
    facts |= told_by(contact.text("email"))
    if contact.flag("hs_email_optout") is not None:
        facts["opted_out"] = contact.flag("hs_email_optout")
    if contact.has("lifecyclestage"):
        facts["lifecycle_stage"] = contact.text("lifecyclestage")
    named = {
        name: typed(contact.text(theirs))
        for name, theirs in dialect.fields.items()
        if name not in NO_FACTS and name not in known and contact.has(theirs)
    }
    return facts | named


def typed(text: str) -> Fact:
    """Return a number, yes or no where a text is one; else the text."""
    if _NUMBER.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() else number
    return {"true": True, "false": False}.get(text, text)
