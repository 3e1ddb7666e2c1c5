"""`login`: which CRM, how one signs in to it, and who that is. Tokens go to the keyring only."""

from __future__ import annotations

import os
from pathlib import Path

import click
from msgspec.structs import replace

from config.settings import Profile, is_profile_name, is_secret_name
from triage.cli.admitting import sign_in
from triage.cli.granting import (
    TYPED,
    by_way,
    refuse_open_road,
    says_where_the_secret_is,
    way_of,
    whoami,
    with_token,
)
from triage.crm.registry import adapters, home_of
from triage.errors import UsageError
from triage.house import House

_USUAL = "rest"


@click.command("login")
@click.argument("name", metavar="[PROFILE]", default="")
@click.option("--crm", help="The adapter; `triage --version` names them.  [default: the profile's, or rest]")
@click.option("--url", default="", metavar="U", help="The CRM's address; not needed where it has only one.")
@click.option("--with", "wanted", metavar="WAY", help="Not a typed token: browser, device, sf, jwt, new-key.")
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="What the adapter asks for.")
@click.option("--role", type=click.Choice(["rep", "marketing"]), help="Where the CRM does not say it.")
@click.option("--ca-file", default="", metavar="FILE", help="Your company's certificate authority, as PEM.")
@click.option("--token-stdin", is_flag=True, help="Read the token from standard input.")
@click.option("--allow-http", is_flag=True, help="Also where the token would travel unencrypted.")
def login_command(
    name: str,
    crm: str | None,
    url: str,
    wanted: str | None,
    options: tuple[str, ...],
    role: str | None,
    ca_file: str,
    token_stdin: bool,
    allow_http: bool,
) -> None:
    """Sign in and save a profile; the first one becomes the default."""
    house = House.found(os.environ)
    name = name or house.settings.default_profile
    if not name:
        raise UsageError("Which profile is it?", hint="Give it a name, such as `triage login work`.")
    if not is_profile_name(name):
        raise UsageError(f"{name!r} cannot name a profile.", hint="Letters, digits, dot, dash, underscore.")
    if wanted is not None and token_stdin:
        raise UsageError("--with and --token-stdin are two ways to sign in.", hint="Leave one of them out.")
    said = options_of((*options, f"role={role}") if role else options)
    profile = begun(house, name, crm, url)
    profile = replace(
        profile, ca_file=_whole(ca_file) or profile.ca_file, options={**profile.options, **said}
    )
    if not allow_http:
        refuse_open_roads(profile)
    way = way_of(profile, wanted, has_token=token_stdin or _is_told(house, name))
    if way == TYPED:
        entry = with_token(house, name, profile, token_stdin=token_stdin)
    else:
        entry = by_way(house, name, profile, way, url)
    sign_in(house, name, entry, whoami(entry.profile, entry.token))


def begun(house: House, name: str, crm: str | None, url: str) -> Profile:
    """Return the profile that one signs in to: a new one, or the saved one of the same CRM."""
    before = house.settings.profiles.get(name)
    kind = crm or (before.crm if before else _USUAL)
    if kind not in adapters():
        raise UsageError(f"There is no adapter “{kind}”.", hint=f"There are: {', '.join(adapters())}.")
    same = before is not None and before.crm == kind
    profile = before if before is not None and same else Profile(crm=kind)
    if not (url or profile.url or home_of(kind)):
        raise UsageError("Where is the CRM?", hint="Give its address: --url https://crm.example.com")
    return replace(profile, url=url, options=_elsewhere(profile)) if url else profile


def _elsewhere(profile: Profile) -> dict[str, str]:
    """Return the options that hold at another address too."""
    return {name: value for name, value in profile.options.items() if not name.endswith("_url")}


def options_of(said: tuple[str, ...]) -> dict[str, str]:
    """Return NAME=VALUE words as options; UsageError for other words, and for a secret among them."""
    options = {}
    for word in said:
        name, sign, value = word.partition("=")
        name = name.strip().replace("-", "_")
        if is_secret_name(name):
            raise UsageError("A secret is not given as an option.", hint=says_where_the_secret_is())
        if not sign or not name.isidentifier():
            raise UsageError("An option is NAME=VALUE.", hint="Such as --option email=you@example.com")
        options[name] = _whole(value) if name.endswith("_file") else value
    return options


def refuse_open_roads(profile: Profile) -> None:
    """Refuse any address of a profile to which a token would travel in the clear."""
    for url in (profile.url, *(value for name, value in profile.options.items() if name.endswith("_url"))):
        if url:
            refuse_open_road(url)


def _is_told(house: House, name: str) -> bool:
    from config.credentials import variable_in_use

    return variable_in_use(name, house.environ) is not None


def _whole(path: str) -> str:
    try:
        return str(Path(path).expanduser().absolute()) if path else ""
    except RuntimeError:  # ~somebody who has no home here
        raise UsageError(f"{path} is no path of this machine.") from None
