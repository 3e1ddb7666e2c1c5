"""`login`, `logout`, `whoami`, `profiles`: who is signed in where. Tokens go to the keyring only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import click

from config import write
from config.credentials import TOKEN, credential_of_environment, service_of, store_token
from config.secret import Secret
from config.settings import Profile, is_profile_name
from config.token_command import VARIABLE as TOKEN_COMMAND
from config.vault import Vault
from triage.cli import narration, output
from triage.cli.session import json_option, profile_option, with_crm
from triage.crm.address import is_open_road
from triage.crm.registry import adapters
from triage.domain.people import Rep
from triage.errors import CredentialsUnavailable, StoreError, TriageError, Unreachable, UsageError
from triage.reaching import adapter
from triage.text import clean
from triage.wiring import House, open_session, queue_owner


@click.command("login")
@click.argument("name", metavar="PROFILE")
@click.option("--crm", default="rest", show_default=True, help="The adapter; `triage --version` names them.")
@click.option("--url", default="", metavar="U", help="The CRM's address.")
@click.option("--ca-file", default="", metavar="FILE", help="Your company's certificate authority, as PEM.")
@click.option("--token-stdin", is_flag=True, help="Read the token from standard input.")
@click.option("--allow-http", is_flag=True, help="Also where the token would travel unencrypted.")
def login_command(name: str, crm: str, url: str, ca_file: str, token_stdin: bool, allow_http: bool) -> None:
    """Sign in and save a profile; the first one becomes the default."""
    if not is_profile_name(name):
        raise UsageError(f"{name!r} cannot name a profile.", hint="Letters, digits, dot, dash, underscore.")
    if not url and crm == "rest":
        raise UsageError("Where is the CRM?", hint="Give its address: --url https://crm.example.com")
    if crm not in adapters():
        raise UsageError(f"There is no adapter “{crm}”.", hint=f"There are: {', '.join(adapters())}.")
    if not allow_http:
        refuse_open_road(url)
    house = House.found(os.environ)
    secret, entered = _token(name, token_stdin=token_stdin)
    profile = Profile(crm=crm, url=url, ca_file=str(Path(ca_file).absolute()) if ca_file else "")
    try:
        rep = asyncio.run(whoami(profile, secret))
    except Unreachable as error:
        raise Unreachable(
            error.message, hint="Nothing was saved. Check the address and the network."
        ) from None
    sign_in(house, name, profile, rep, secret if entered else None)


def refuse_open_road(url: str) -> None:
    """Refuse an address to which a token would travel in the clear."""
    if is_open_road(url):
        hint = "Use https://, or, if you must, `triage login --allow-http`."
        raise UsageError("The token would travel unencrypted.", hint=hint)


def sign_in(house: House, name: str, profile: Profile, rep: Rep, secret: Secret | None) -> None:
    """Save a profile that the CRM has answered for; the token too, if it was entered and can be kept."""
    _refuse_another_person(house, name, rep)
    _refuse_another_place(house, name, profile)
    known = Profile(
        crm=profile.crm,
        url=profile.url,
        ca_file=profile.ca_file,
        account_id=rep.account_id,
        user_id=rep.user_id,
        user_name=clean(rep.name),
        role="marketing" if rep.role == "marketing" else "rep",
    )
    write.save_profile(house.paths.settings_file, name, known)
    narration.say(
        f"Signed in as {rep.name} ({rep.role}) at {rep.account_name or profile.url}; profile {name}."
    )
    if secret is None:
        return
    try:
        store_token(name, known, secret, keyring=house.keyring)
    except CredentialsUnavailable as error:
        narration.say(f"The token was not saved: {error.message}")
        narration.say(f"  Set {TOKEN}, or {TOKEN_COMMAND} to a command that prints it.")


def _refuse_another_person(house: House, name: str, rep: Rep) -> None:
    """Keep one person's queue from being sent as another's, also after a logout: what is queued stays."""
    before = house.settings.profiles.get(name)
    ours = rep.name or rep.user_id
    if before and before.user_id and (before.user_id, before.account_id) != (rep.user_id, rep.account_id):
        raise UsageError(
            f"Profile {name} belongs to {before.user_name or before.user_id}, the token to {ours}.",
            hint="Choose another name for this profile.",
        )
    with contextlib.suppress(StoreError):  # a queue that cannot be read is not sent either
        owner = queue_owner(house, name, rep.account_id)
        if owner is not None and owner.user_id != rep.user_id:
            raise UsageError(
                f"What is queued under the name {name} belongs to {owner.name or owner.user_id}, "
                f"the token to {ours}.",
                hint="Choose another name for this profile.",
            )


def _refuse_another_place(house: House, name: str, profile: Profile) -> None:
    """Keep what is queued for one CRM from another that gives the same ids, as a copy for tests does."""
    before = house.settings.profiles.get(name)
    if before is None or service_of(before) == service_of(profile):
        return
    with contextlib.suppress(StoreError):
        unsent, needs_rep = _undelivered(house, name)
        if unsent or needs_rep:
            raise UsageError(
                f"{unsent + needs_rep} undelivered under the name {name} are for {before.url}.",
                hint="Choose another name. If that CRM has moved, change its url with `triage config edit`.",
            )


def _undelivered(house: House, name: str) -> tuple[int, int]:
    """Return how many items of a profile are unsent, and how many need the rep."""
    session = open_session(house, name)
    try:
        status = session.wait(session.desk.status)
    finally:
        session.close()
    return status.unsent, status.needs_rep


def _token(name: str, *, token_stdin: bool) -> tuple[Secret, bool]:
    """Return the token, and whether it was entered (and so may be kept)."""
    if token_stdin:
        return Secret.parse(sys.stdin.readline(), "The token on standard input"), True
    told = credential_of_environment(name, os.environ)
    if told is not None:
        return told.secret, False
    if not sys.stdin.isatty():
        raise UsageError("No token was given.", hint=f"Use --token-stdin, or set {TOKEN}.")
    return Secret.parse(click.prompt("Token", hide_input=True, err=True), "The token"), True


async def whoami(profile: Profile, secret: Secret) -> Rep:
    """Ask the CRM of a profile that is not saved yet who a token belongs to."""
    crm = adapter(profile, secret.reveal())
    try:
        return await crm.whoami()
    finally:
        await crm.aclose()


@click.command("logout")
@click.argument("name", metavar="PROFILE")
def logout_command(name: str) -> None:
    """Forget a profile and its token. What is queued stays on the disk."""
    house = House.found(os.environ)
    _, profile = house.profile(name)
    _say_what_stays(house, name)
    try:
        Vault(name, profile, house.keyring).forget()
    except CredentialsUnavailable as error:
        narration.say(f"The keyring could not be asked: {error.message}")
    write.remove_profile(house.paths.settings_file, name)
    output.line(f"{name} signed out")


def _say_what_stays(house: House, name: str) -> None:
    """Name what was not delivered: it stays on the disk until the same person signs in again."""
    with contextlib.suppress(TriageError):
        unsent, needs_rep = _undelivered(house, name)
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
