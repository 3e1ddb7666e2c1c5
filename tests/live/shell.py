"""triage itself, as its users start it: a home of somebody's own, signed in to the live CRM."""

from __future__ import annotations

from pathlib import Path

from tests.live.people import Member, read
from tests.live.place import Place
from tests.live.service import Failed
from tests.pty.test_story import Rep


def signed_in(place: Place, home: Path, who: Member, *, role: str = "rep", profile: str = "live") -> Rep:
    """Return somebody at a shell, signed in with their personal token."""
    someone = Rep(home, who.token)
    words = ("--crm", "bottlecrm", "--url", place.url, "--role", role)
    done = someone.run("login", profile, *words)
    if done.returncode:
        raise Failed(f"triage login ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return someone


def fields_made(place: Place) -> str:
    """Let an admin run `triage setup`, twice: the second time there is nothing to do. Returns what it said."""
    admin = signed_in(place, place.at("homes", "admin"), read(place)["admin"])
    for _ in range(2):
        done = admin.run("setup", "--yes")
        if done.returncode:
            raise Failed(f"triage setup ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stderr.strip() or done.stdout.strip()
