"""Signing in from the welcome screen: what it needs is asked on the plain terminal."""

from __future__ import annotations

import asyncio

import click

from config.secret import Secret
from config.settings import Profile
from triage.cli import narration
from triage.cli.profiles import refuse_open_road, sign_in, whoami
from triage.wiring import House


def sign_in_here(house: House) -> tuple[str, Secret]:
    """Ask for what signing in needs; returns the profile's name and the token."""
    try:
        return _asked(house)
    except click.Abort:
        raise KeyboardInterrupt from None


def _asked(house: House) -> tuple[str, Secret]:
    narration.say("Sign in to your CRM. The token goes to your keyring, nowhere else.")
    url = click.prompt("Address of the CRM", err=True)
    refuse_open_road(url)
    name = click.prompt("Name for this profile", default="work", err=True)
    secret = Secret.parse(click.prompt("Token", hide_input=True, err=True), "The token")
    profile = Profile(crm="rest", url=url)
    sign_in(house, name, profile, asyncio.run(whoami(profile, secret)), secret)
    return name, secret
