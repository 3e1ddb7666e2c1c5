"""Opening the terminal app: on a profile, or on the welcome screen when there is none."""

from __future__ import annotations

import asyncio
import os

import click

from config.secret import Secret
from config.settings import Profile
from triage.cli import narration
from triage.cli.profiles import refuse_open_road, sign_in, whoami
from triage.cli.terminal import need_terminal, run_on
from triage.wiring import House, open_session


def open_app(profile: str | None) -> int:
    """Run the terminal app to its end; returns the process's exit code."""
    need_terminal()
    house = House.found(os.environ)
    if not house.settings.profiles and not profile:
        return _welcome(house)
    return run_on(open_session(house, profile, reads_damaged=True), house)


def _welcome(house: House) -> int:
    """Offer the demo, signing in, or leaving."""
    from screens.welcome import choose

    choice = choose()
    if choice == "demo":
        from triage.cli.demo import run_demo

        return run_demo()
    if choice == "sign in":
        name, secret = _sign_in(house)
        house = House.found(os.environ)
        return run_on(open_session(house, name, given=secret.reveal()), house)
    return 0


def _sign_in(house: House) -> tuple[str, Secret]:
    """Ask for what signing in needs, on the plain terminal; returns the profile's name and the token."""
    narration.say("Sign in to your CRM. The token goes to your keyring, nowhere else.")
    url = click.prompt("Address of the CRM", err=True)
    refuse_open_road(url)
    name = click.prompt("Name for this profile", default="work", err=True)
    secret = Secret.parse(click.prompt("Token", hide_input=True, err=True), "The token")
    profile = Profile(crm="rest", url=url)
    sign_in(house, name, profile, asyncio.run(whoami(profile, secret)), secret)
    return name, secret
