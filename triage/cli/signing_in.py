"""Signing in from the welcome screen: what it needs is asked on the plain terminal, and no more than that."""

from __future__ import annotations

import shutil
from urllib.parse import urlsplit

import click

from config.secret import Secret
from config.settings import Profile, is_profile_name
from triage.cli import narration
from triage.cli.admitting import sign_in
from triage.cli.granting import (
    TYPED,
    Entry,
    answered,
    by_way,
    refuse_open_road,
    typed_token,
    whoami,
)
from triage.crm.registry import home_of, ways_of
from triage.errors import UsageError
from triage.house import House

_HOSTS = {
    "hubspot": ("hubspot.com", "hubapi.com"),
    "salesforce": ("salesforce.com", "force.com", "salesforce-setup.com"),
}
"""Whose addresses are known: nobody who pastes one is asked which CRM that is."""


def sign_in_here(house: House) -> tuple[str, Secret | None]:
    """Ask for what signing in needs; returns the profile's name, and the token if only we have it."""
    try:
        return _asked(house)
    except click.Abort:
        raise KeyboardInterrupt from None


def _asked(house: House) -> tuple[str, Secret | None]:
    narration.say("Sign in to your CRM. The token goes to your keyring, nowhere else.")
    narration.say("Type hubspot, salesforce, or the address of a CRM with the open contract.")
    kind, url = crm_of(click.prompt("Address of the CRM", err=True))
    if url:
        refuse_open_road(url)
    name = click.prompt("Name for this profile", default="work", err=True)
    if not is_profile_name(name):
        raise UsageError(f"{name!r} cannot name a profile.", hint="Letters, digits, dot, dash, underscore.")
    entry = _entry(house, name, kind, url)
    is_found = sign_in(house, name, entry, whoami(entry.profile, entry.token))
    is_renewed = entry.refresh is not None or not entry.is_kept
    return name, None if is_found and is_renewed else entry.token


def crm_of(said: str) -> tuple[str, str]:
    """Return the adapter and the address that somebody means; the address is empty where it has its own."""
    word = said.strip()
    if word.casefold() in _HOSTS:
        return word.casefold(), ""
    try:
        host = urlsplit(word if "://" in word else f"https://{word}").hostname or ""
    except ValueError:
        host = ""
    for kind, names in _HOSTS.items():
        if any(host == name or host.endswith(f".{name}") for name in names):
            return kind, _own_address(kind, host)
    return "rest", word


def _own_address(kind: str, host: str) -> str:
    """Return where one signs in at a pasted address: a page's own host is not an API's."""
    if kind == "hubspot" or host == urlsplit(home_of(kind)).hostname:
        return ""
    return f"https://{host.replace('.lightning.force.com', '.my.salesforce.com')}"


def _entry(house: House, name: str, kind: str, url: str) -> Entry:
    if kind == "rest":
        return Entry(Profile(crm=kind, url=url), typed_token())
    if kind == "hubspot":
        profile = answered(Profile(crm=kind, url=home_of(kind)), TYPED)
        return Entry(profile, typed_token("Service key or private-app token"))
    return by_way(house, name, Profile(crm=kind), _way(kind), url)


def _way(kind: str) -> str:
    """Ask how one signs in; the Salesforce CLI's own sign-in is the usual one where it is installed."""
    ways = list(ways_of(kind))
    usual = "sf" if "sf" in ways and shutil.which("sf") else next(iter(ways), "")
    if not usual:
        raise UsageError(f"One signs in to {kind} with `triage login`.")
    way: str = click.prompt("Sign in with", type=click.Choice(ways), default=usual, err=True)
    return way
