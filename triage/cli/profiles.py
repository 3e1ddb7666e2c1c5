"""`logout`, `whoami`, `profiles`: who is signed in where."""

from __future__ import annotations

import contextlib
import os

import click

from config import write
from config.credentials import service_of
from config.renewal import token_turn
from config.vault import Vault
from triage.cli import narration, output
from triage.cli.admitting import undelivered
from triage.cli.session import json_option, profile_option, with_crm
from triage.errors import CredentialsUnavailable, TriageError
from triage.house import House
from triage.reaching import token_lock


@click.command("logout")
@click.argument("name", metavar="PROFILE")
def logout_command(name: str) -> None:
    """Forget a profile and its token. What is queued stays on the disk."""
    house = House.found(os.environ)
    _, profile = house.profile(name)
    _say_what_stays(house, name)
    try:
        with token_turn(token_lock(house, name, profile)):  # a renewal would write its tokens back
            Vault(name, profile, house.keyring).forget_all()
    except CredentialsUnavailable as error:
        narration.say(f"The keyring could not be asked: {error.message}")
        narration.say(f"  What it may hold is under {service_of(profile)}: delete it in its own program.")
    write.remove_profile(house.paths.settings_file, name)
    output.line(f"{name} signed out")


def _say_what_stays(house: House, name: str) -> None:
    """Name what was not delivered: it stays on the disk until the same person signs in again."""
    with contextlib.suppress(TriageError):
        unsent, needs_rep = undelivered(house, name)
        if unsent or needs_rep:
            narration.say(
                f"note: {unsent} unsent and {needs_rep} that need you stay on this machine; "
                "sign in again to send them."
            )


@click.command("whoami")
@json_option
@profile_option
def whoami_command(as_json: bool) -> None:
    """Ask the CRM who the token belongs to."""
    rep = with_crm(lambda crm: crm.whoami(), anywhere=True)
    if as_json:
        output.as_json(rep)
    else:
        output.line(f"{rep.name} ({rep.user_id}), {rep.role}, {rep.account_name}")


@click.command("profiles")
@json_option
def profiles_command(as_json: bool) -> None:
    """List the profiles; the default one is marked."""
    settings = House.found(os.environ).settings
    rows = [
        {"profile": name, "default": name == settings.default_profile, **output.plain(profile)}
        for name, profile in settings.profiles.items()
    ]
    if as_json:
        output.as_json(rows)
        return
    output.table(
        [
            ("*" if row["default"] else "", row["profile"], row["crm"], row["user_name"], row["url"])
            for row in rows
        ],
        ("", "PROFILE", "CRM", "USER", "URL"),
    )
