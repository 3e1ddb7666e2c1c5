"""Where HubSpot's things are: the paths of one version, and of the beta beside it. Pure."""

from __future__ import annotations

from urllib.parse import quote

VERSION = "2026-09"
BETA = "2026-09-beta"
"""For lead scoring only."""
HOME = "https://api.hubapi.com"


def objects(kind: str, *more: str) -> str:
    """Return the path of records of a kind, or of what can be done with them: leads, batch, read."""
    return _path("crm", "objects", VERSION, kind, *more)


def properties(kind: str, *more: str) -> str:
    """Return the path of the properties of a kind."""
    return _path("crm", "properties", VERSION, kind, *more)


def associations(from_kind: str, to_kind: str) -> str:
    """Return the path that reads what records of one kind have of another, many at once."""
    return _path("crm", "associations", VERSION, from_kind, to_kind, "batch", "read")


def pipelines(kind: str, *more: str) -> str:
    """Return the path of the pipelines of a kind."""
    return _path("crm", "pipelines", VERSION, kind, *more)


def owners(*more: str) -> str:
    """Return the path of the people who own records."""
    return _path("crm", "owners", VERSION, *more)


def scoring(*more: str) -> str:
    """Return a path of lead scoring, which is in beta."""
    return _path("marketing", "lead-scoring", BETA, *more)


def enrolment(contact_id: str) -> str:
    """Return the path of the sequence that a contact is in."""
    return _path("automation", "sequences", VERSION, "enrollments", "contact", contact_id)


def lists(*more: str) -> str:
    """Return a path of the lists: one of them, or which records are on which."""
    return _path("crm", "lists", VERSION, *more)


def _path(*pieces: str) -> str:
    return "/" + "/".join(quote(piece, safe="") for piece in pieces)
