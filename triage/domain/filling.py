"""A mail template with a lead's fields filled in. What is not known stays as it stands, and is named.

Template and fields are from outside: a field never brings a line break, a control or another field with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec import Struct

from triage.domain.lead import Lead
from triage.text import clean, clean_note

_FIELD = re.compile(r"\{\{\s*(\w{1,40})\s*\}\}|\{\s*(\w{1,40})\s*\}")


class FilledIn(Struct, frozen=True):
    """A text that is ready to be sent, but for what is missing."""

    text: str
    missing: tuple[str, ...] = ()
    """The names of fields that stand in it still, each once, in their order."""


def fill_in(template: str, lead: Lead, rep: str = "") -> FilledIn:
    """Put a lead's fields, and the rep's name, into the braces of a template."""
    missing: dict[str, None] = {}

    def value(found: re.Match[str]) -> str:
        name = (found[1] or found[2]).lower()
        read = FIELDS.get(name)
        text = _one_line(rep if name == "rep" else read(lead) if read else "")
        if not text:
            missing[name] = None
        return text or found[0]

    return FilledIn(_FIELD.sub(value, str(clean_note(template))), tuple(missing))


def first_name(name: str) -> str:
    """Return what a person is addressed by: "Anna" of "Dr. Anna Berg" and of "Berg, Anna".

    The whole name where it is not known which part is the given one.
    """
    from triage.domain.identity import has_ideographs, without_titles  # noqa: PLC0415 - 3 ms of a start

    text = _one_line(name)
    if has_ideographs(text):
        return text
    last, comma, first = text.partition(",")
    words = without_titles((first if comma and first.strip() else last).split())
    return words[0] if words else text


def _last_name(name: str) -> str:
    from triage.domain.identity import has_ideographs, without_titles  # noqa: PLC0415 - as above

    text = _one_line(name)
    last, comma, first = text.partition(",")
    if comma and first.strip():
        return last.strip()
    words = without_titles(text.split())
    return words[-1] if len(words) > 1 and not has_ideographs(text) else ""


def _one_line(text: str) -> str:
    return " ".join(clean(text).replace("⏎", " ").split())


FIELDS: Mapping[str, Callable[[Lead], str]] = {
    "first_name": lambda lead: first_name(lead.name),
    "last_name": lambda lead: _last_name(lead.name),
    "name": lambda lead: lead.name,
    "title": lambda lead: lead.title,
    "company": lambda lead: lead.company or lead.account.name,
    "email": lambda lead: lead.email,
    "phone": lambda lead: lead.phone,
    "city": lambda lead: lead.city,
    "country": lambda lead: lead.country,
    "industry": lambda lead: lead.industry,
    "website": lambda lead: lead.website,
    "asset": lambda lead: lead.asset.title if lead.asset else "",
    "campaign": lambda lead: lead.campaign.words if lead.campaign else "",
}
"""What a template may name, beside `rep`."""
