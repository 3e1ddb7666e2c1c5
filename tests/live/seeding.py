"""An organisation, its people with a personal token each, and leads: over the server's own HTTP API.

One step is not HTTP: the server has no sign-in without a mailbox, so its own `devlogin` command mints the first tokens.
"""

from __future__ import annotations

import re
import subprocess
from typing import Any

import httpx

from tests.live.company import Company, answered, client
from tests.live.people import ROLES, Member, People, email_of, write
from tests.live.place import Place
from tests.live.service import Failed

ORGANISATION = "Acme Sales"
FULL_LIST = 500
"""Leads of the busy rep."""
OTHERS = {"rep": 12, "story": 12}
TAGS = ("webinar", "trade-show", "inbound")
_TOKENS = re.compile(r"access_token:\s+(\S+)")
_SCRIPT = """
import sys, django
from django.core.management import call_command
django.setup()
for email in sys.argv[2:]:
    call_command("devlogin", email, create=True, org=sys.argv[1] or None)
"""


def people(place: Place) -> People:
    """Make the organisation and its people; each has a token that may do all that the person may."""
    (first,) = _signed_in(place, "", ["admin"])
    with client(place, first) as nobody_yet:
        answered(nobody_yet.post("/api/org/", json={"name": ORGANISATION}))
    (admin,) = _signed_in(place, ORGANISATION, ["admin"])
    with client(place, admin) as as_admin:
        for name, role in ROLES.items():
            if name != "admin":
                _join(as_admin, name, role)
        profiles = _profiles(as_admin)
    tokens = _signed_in(place, ORGANISATION, list(ROLES))
    made = {
        name: Member(email_of(name), profiles[email_of(name)], _personal_token(place, token), token)
        for name, token in zip(ROLES, tokens, strict=True)
    }
    write(place, made)
    return made


def leads(place: Place, who: People) -> int:
    """Let marketing make the leads; returns how many there are."""
    wanted = {"busy": FULL_LIST} | OTHERS
    with Company(place, who) as company:
        for name in TAGS:
            company.ask("admin", "POST", "/api/tags/", {"name": name, "color": "blue"})
        for owner, count in wanted.items():
            company.leads([owner], count, by="importer" if owner == "busy" else "marketer")
    return sum(wanted.values())


def _join(as_admin: httpx.Client, name: str, role: str) -> None:
    answered(as_admin.post("/api/users/", json={"email": email_of(name), "role": role, "name": name.title()}))


def _profiles(as_admin: httpx.Client) -> dict[str, str]:
    body: Any = answered(as_admin.get("/api/users/", params={"limit": 100}))
    return {row["user_details"]["email"]: row["id"] for row in body["active_users"]["active_users"]}


def _personal_token(place: Place, session_token: str) -> str:
    with client(place, session_token) as person:
        made = answered(person.post("/api/profile/tokens/", json={"name": "triage", "scopes": []}))
    return str(made["token"])


def _signed_in(place: Place, organisation: str, names: list[str]) -> list[str]:
    """Return a session's token for each, from the server's command for developers."""
    done = subprocess.run(
        [place.python, "-c", _SCRIPT, organisation, *map(email_of, names)],
        env=place.environ(debug=True),
        cwd=place.at("run", "."),
        capture_output=True,
        text=True,
        check=False,
    )
    found = _TOKENS.findall(done.stdout)
    if done.returncode or len(found) != len(names):
        raise Failed(f"devlogin gave no tokens:\n{(done.stderr or done.stdout)[-3000:]}")
    return list(found)
