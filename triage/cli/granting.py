"""How a sign-in comes to its token: typed, from the environment, or by one of the adapter's own ways.

Asks for what is missing where a person is at the terminal. Saves nothing.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping

import click
from msgspec import Struct
from msgspec.structs import replace

from config.credentials import CLIENT_SECRET, TOKEN, credential_of_environment
from config.secret import Secret
from config.settings import Profile
from config.vault import Vault
from triage.cli import narration
from triage.crm import registry
from triage.crm.address import is_open_road
from triage.crm.signing import WAY, Granted, Question
from triage.domain.people import Rep
from triage.errors import BadAnswer, CredentialsUnavailable, Unreachable, UsageError
from triage.house import House
from triage.reaching import adapter, borrowing_of, options_of

TYPED = ""
"""The way of a token that somebody types."""
_APP = "client_secret"
_CLIENT = "client_id"


class Entry(Struct, frozen=True):
    """A sign-in that is not saved: the profile as it will be, and what the keyring is to hold."""

    profile: Profile
    token: Secret
    refresh: Secret | None = None
    client_secret: Secret | None = None
    is_kept: bool = True
    """False for a token of the environment, or one that each run borrows."""


def way_of(profile: Profile, wanted: str | None, *, has_token: bool) -> str:
    """Return the way that was asked for, else the profile's own, else the usual; UsageError names them."""
    ways = registry.ways_of(profile.crm)
    if wanted is not None:
        if wanted not in ways:
            there = f"Ways: {', '.join(ways)}." if ways else "It takes a token; leave --with out."
            raise UsageError(f"One cannot sign in to {profile.crm} with {wanted!r}.", hint=there)
        return wanted
    remembered = profile.options.get(WAY, TYPED)
    if has_token or not ways or (remembered == TYPED and TYPED in registry.questions_of(profile.crm)):
        return TYPED
    if remembered in ways:
        return remembered
    if not sys.stdin.isatty():
        raise UsageError("How do you sign in?", hint=f"--with {'|'.join(ways)}, or --token-stdin.")
    way: str = click.prompt("Sign in with", type=click.Choice(list(ways)), default=next(iter(ways)), err=True)
    return way


def answered(profile: Profile, way: str) -> Profile:
    """Return the profile with the options that the way needs; asks, or says which is missing."""
    options = dict(profile.options)
    for question in registry.questions_of(profile.crm).get(way, ()):
        if question.optional or question.secret or options.get(question.option):
            continue
        options[question.option] = _answer(question)
    return replace(profile, options=options)


def _answer(question: Question) -> str:
    if not sys.stdin.isatty():
        raise UsageError(
            f"The option {question.option} is missing.", hint=f"Say it with --option {question.option}=…"
        )
    answer: str = click.prompt(question.words, default=question.default or None, err=True)
    return answer.strip()


def with_token(house: House, name: str, profile: Profile, *, token_stdin: bool) -> Entry:
    """Return the sign-in with a token that is read, found in the environment, or typed."""
    profile = answered(profile, TYPED)
    if not profile.url and TYPED not in registry.questions_of(profile.crm):
        raise UsageError("Where is the CRM?", hint="A token is good at one address: say it with --url.")
    usual = replace(
        profile,
        url=profile.url or registry.home_of(profile.crm),
        options={option: value for option, value in profile.options.items() if option != WAY},
    )
    if token_stdin:
        return Entry(usual, Secret.parse(sys.stdin.readline(), "The token on standard input"))
    told = credential_of_environment(name, house.environ)
    if told is not None:
        return Entry(usual, told.secret, is_kept=False)
    if not sys.stdin.isatty():
        raise UsageError("No token was given.", hint=f"Use --token-stdin, or set {TOKEN}.")
    return Entry(usual, typed_token())


def typed_token(words: str = "Token") -> Secret:
    """Ask for a token without showing it."""
    return Secret.parse(click.prompt(words, hide_input=True, err=True), "The token")


def by_way(house: House, name: str, profile: Profile, way: str, url: str = "") -> Entry:
    """Return the sign-in by one of the adapter's ways: it may open a browser, and wait for a person.

    `url` is where one signs in, if it was said; else the adapter knows it, or it is the profile's own.
    """
    profile = answered(profile, way)
    url = url or ("" if registry.home_of(profile.crm) else profile.url)
    secret, is_typed = _client_secret(house, name, profile, way)
    app = {_APP: secret.reveal()} if secret is not None else {}
    try:
        granted = asyncio.run(_granted(profile, way, url, app))
    except Unreachable as error:
        raise _nothing_saved(error) from None
    signed = replace(
        profile,
        url=granted.url,
        options={**profile.options, **_without_secrets(granted.options), WAY: way},
    )
    if granted.tokens is None:
        return Entry(signed, _borrowed(signed), is_kept=False)
    source = "What the identity provider gave"
    return Entry(
        signed,
        Secret.parse(granted.tokens.access, source),
        Secret.parse(granted.tokens.refresh, source) if granted.tokens.refresh else None,
        secret if is_typed else None,
    )


async def _granted(profile: Profile, way: str, url: str, app: Mapping[str, str]) -> Granted:
    return await registry.ways_of(profile.crm)[way](url, {**options_of(profile), **app}, narration.say)


def _without_secrets(options: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in options.items() if name not in (_APP, "ca_file")}


def _borrowed(profile: Profile) -> Secret:
    borrowing = borrowing_of(profile)
    lent = borrowing.token() if borrowing is not None else None
    if lent is None:
        raise BadAnswer("The sign-in came to no token.")
    return lent


def _client_secret(house: House, name: str, profile: Profile, way: str) -> tuple[Secret | None, bool]:
    """Return the app's secret, where the way knows one, and whether it was typed (and so is kept).

    The one that is kept is good for the app of the sign-in before, and may have been changed since: who is at
    the terminal is asked.
    """
    questions = registry.questions_of(profile.crm).get(way, ())
    asked = next((one for one in questions if one.secret), None)
    if asked is None:
        return None, False
    kept = _kept_secret(house, name, profile)
    if house.environ.get(CLIENT_SECRET) or not sys.stdin.isatty():
        return kept, False
    words = f"{asked.words}; Enter: the one that is kept" if kept is not None else asked.words
    said = click.prompt(words, hide_input=True, default="", show_default=False, err=True)
    return (Secret.parse(said, "The client secret"), True) if said.strip() else (kept, False)


def _kept_secret(house: House, name: str, profile: Profile) -> Secret | None:
    """Return the app's secret of the environment or the keyring; never one that is kept for another app."""
    if not house.environ.get(CLIENT_SECRET) and is_other_app(house, name, profile):
        return None
    try:
        return Vault(name, profile, house.keyring).client_secret(house.environ)
    except CredentialsUnavailable:
        return None  # to keep one will fail as well, and say why


def is_other_app(house: House, name: str, profile: Profile) -> bool:
    """Whether one signs in through another app than the saved profile did."""
    before = house.settings.profiles.get(name)
    return before is not None and before.options.get(_CLIENT) != profile.options.get(_CLIENT)


def whoami(profile: Profile, secret: Secret) -> Rep:
    """Ask the CRM of a profile that is not saved yet who a token belongs to."""

    async def ask() -> Rep:
        crm = adapter(profile, secret.reveal())
        try:
            return await crm.whoami()
        finally:
            await crm.aclose()

    try:
        return asyncio.run(ask())
    except Unreachable as error:
        raise _nothing_saved(error) from None


def _nothing_saved(error: Unreachable) -> Unreachable:
    own = "" if error.hint == error.default_hint else f" {error.hint}"
    return Unreachable(error.message, hint=f"Nothing was saved. Check the address and the network.{own}")


def refuse_open_road(url: str) -> None:
    """Refuse an address to which a token would travel in the clear."""
    if is_open_road(url):
        hint = "Use https://, or, if you must, `triage login --allow-http`."
        raise UsageError("The token would travel unencrypted.", hint=hint)


def says_where_the_secret_is() -> str:
    """Return where a secret belongs that someone would give as an option."""
    return f"Type it when asked, or set {CLIENT_SECRET} or {TOKEN}: a command line is seen by others."
