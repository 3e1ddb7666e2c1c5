"""Who works at the live CRM: one profile id and one personal token each, in a file for the tests' process."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from tests.live.place import Place

DOMAIN = "acme.example"
ROLES = {
    "admin": "ADMIN",
    "marketer": "USER",
    "importer": "USER",
    "rep": "USER",
    "rep2": "USER",
    "contract": "USER",
    "situations": "USER",
    "offline": "USER",
    "redis": "USER",
    "taken": "USER",
    "killed": "USER",
    "story": "USER",
    "busy": "USER",
}
"""Each part of the run has a rep of its own, so that none meets another's leads; the importer makes the many."""


@dataclass(frozen=True, slots=True)
class Member:
    """One person: `profile_id` is what a lead is assigned to."""

    email: str
    profile_id: str
    token: str
    session: str
    """What somebody has who signed in, for an hour: it alone makes tokens."""


People = dict[str, Member]


def write(place: Place, people: People) -> None:
    """Keep who there is; only root reads it."""
    path = place.at("people.json")
    path.touch(mode=0o600)
    path.write_text(json.dumps({name: asdict(one) for name, one in people.items()}), encoding="utf-8")


def read(place: Place) -> People:
    """Return who there is."""
    kept = json.loads(place.at("people.json").read_text(encoding="utf-8"))
    return {name: Member(**one) for name, one in kept.items()}


def email_of(name: str) -> str:
    """Return somebody's address."""
    return f"{name}@{DOMAIN}"
