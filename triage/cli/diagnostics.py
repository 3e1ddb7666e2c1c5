"""`doctor`, `paths`, `keys`: how things stand, without a secret in them, fit to be pasted into an issue."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from collections.abc import Callable

import click
from msgspec import Struct

from config.credentials import kept_token, variable_in_use
from config.settings import Profile
from triage import __version__
from triage.cli import logbook, narration, output
from triage.cli.keymap import keymap_in_force
from triage.cli.network import clocks, proxy_in_use
from triage.cli.salvaging import salvage_journals
from triage.cli.session import chosen_profile, json_option, opened, profile_option
from triage.cli.stranded import stranded_queues
from triage.clock import utc_now
from triage.crm.port import Crm, skew_of
from triage.crm.registry import adapters, check_offers
from triage.crm.setup import examine_at
from triage.domain.people import access_ends_words
from triage.errors import CredentialsUnavailable, StoreError, TriageError
from triage.house import House
from triage.reaching import borrowing_of
from triage.store.filesystem import HINT as SAFE_PLACE
from triage.store.filesystem import place_of, warning_for
from triage.wiring import connector, rules_of


class Finding(Struct, frozen=True):
    """One line of the doctor's table."""

    check: str
    ok: bool
    detail: str
    hint: str = ""


@click.command("doctor")
@click.option("--salvage", is_flag=True, help="Rebuild damaged journals from their intact records.")
@json_option
@profile_option
def doctor_command(salvage: bool, as_json: bool) -> None:
    """Look at settings, files, keyring and CRM, and say what is wrong and what to do."""
    if salvage:
        salvage_journals(chosen_profile())
    findings = [
        Finding("triage", ok=True, detail=f"{__version__}, adapters: {', '.join(adapters())}"),
        Finding("python", ok=True, detail=f"{platform.python_version()} on {platform.system()}"),
        *(_checked(check, look) for check, look in CHECKS.items()),
        *_crm(),
        *(_checked(check, look) for check, look in SURROUNDINGS.items()),
    ]
    if as_json:
        output.as_json(findings)
    else:
        rows = [("ok" if one.ok else "NO", one.check, one.detail) for one in findings]
        output.table(rows, ("", "CHECK", "FOUND"))
        for one in findings:
            if one.hint:
                narration.say(f"{one.check}: {one.hint}")
    if not all(one.ok for one in findings):
        click.get_current_context().exit(1)


def _checked(check: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(check, ok=True, detail=look())
    except TriageError as error:
        return _failed(check, error)


def _failed(check: str, error: TriageError) -> Finding:
    return Finding(check, ok=False, detail=error.message, hint=error.hint)


def _settings() -> str:
    house = House.found(os.environ)
    return f"{house.paths.settings_file}, {len(house.settings.profiles)} profiles"


def _profile() -> str:
    name, profile = House.found(os.environ).profile(chosen_profile())
    return f"{name}: {profile.crm} at {profile.url}, {profile.user_name} ({profile.role})"


def _rules() -> str:
    rules = rules_of(House.found(os.environ).profile(chosen_profile())[1])
    return f"reasons {rules.reasons.version}, definition v{rules.definition.version} (where the CRM has none)"


def _store() -> str:
    with opened() as session:
        status = session.wait(session.desk.status)
        leads = session.wait(len, session.desk.leads)
    notices = f"; {'; '.join(status.notices)}" if status.notices else ""
    return f"{leads} leads, {status.unsent} unsent, {status.needs_rep} need you{notices}"


def _place() -> str:
    house = House.found(os.environ)
    state = house.paths.state
    if warning := warning_for(state):
        raise StoreError(warning, hint=SAFE_PLACE)
    mount = place_of(state)
    return f"{state}, {mount.kind}" if mount else f"{state} (this system does not say on what)"


def _keyring() -> str:
    house = House.found(os.environ)
    name = chosen_profile() or house.settings.default_profile
    variable = variable_in_use(name, house.environ)
    if variable is not None:
        return f"not needed: {variable} is set"
    profile = house.settings.profiles.get(name, Profile())
    if _is_borrowed(profile):
        return "not needed: each run borrows its token"
    backend = house.keyring.describe()
    if ".fail." in backend or ".null." in backend:
        raise CredentialsUnavailable(f"no usable keyring ({backend})")
    # Only a question shows whether it answers.
    kept = kept_token(name or "nobody", profile, keyring=house.keyring)
    return f"{backend}, {f'holds a token for {name}' if kept else 'holds no token for this profile'}"


def _queues() -> str:
    return stranded_queues(House.found(os.environ))


def _is_borrowed(profile: Profile) -> bool:
    """Whether the token comes from another program, which may take seconds; a lender that fails says why."""
    lender = borrowing_of(profile)
    return lender is not None and lender.token() is not None


def _crm() -> tuple[Finding, ...]:
    """Return how the CRM answers, and what it says of its account: what is missing, what is left today."""
    try:
        house = House.found(os.environ)
        return asyncio.run(_asked(house, *house.profile(chosen_profile())))
    except TriageError as error:
        return (_failed("crm", error),)


async def _asked(house: House, name: str, profile: Profile) -> tuple[Finding, ...]:
    crm = await connector(house, name, profile)()
    try:
        rep, gives = await crm.whoami(), await crm.capabilities()
        words = f"{gives.name} answers, signed in as {rep.name} ({rep.role}){clocks(skew_of(crm))}"
        ends = access_ends_words(rep.access_ends, utc_now()) if rep.access_ends is not None else ""
        return Finding("crm", ok=True, detail=words, hint=ends), *await _examined(crm)
    finally:
        await crm.aclose()


async def _examined(crm: Crm) -> tuple[Finding, ...]:
    try:
        checks = await examine_at(crm)
    except TriageError as error:
        return (_failed("account", error),)
    return tuple(Finding(one.name, one.ok, one.found, one.hint) for one in checks)


def _proxy() -> str:
    return proxy_in_use(House.found(os.environ).profile(chosen_profile())[1].url)


def _terminal() -> str:
    size = os.get_terminal_size(sys.stdout.fileno()) if sys.stdout.isatty() else None
    kind = os.environ.get("TERM", "unset")
    return f"{kind}, {size.columns}x{size.lines}" if size else f"{kind}, output is not a terminal"


CHECKS: dict[str, Callable[[], str]] = {
    "adapters": check_offers,
    "settings": _settings,
    "profile": _profile,
    "rules": _rules,
    "place": _place,
    "store": _store,
    "queues": _queues,
    "keyring": _keyring,
    "proxy": _proxy,
}
"""What is looked at before the CRM is asked."""
SURROUNDINGS: dict[str, Callable[[], str]] = {"terminal": _terminal, "log": logbook.state}


@click.command("paths")
@json_option
@profile_option
def paths_command(as_json: bool) -> None:
    """Print where settings, decisions, leads and logs are."""
    places = House.found(os.environ).paths
    known = {
        "settings": places.settings_file,
        "keymap": places.keymap_file,
        "state": places.state,
        "cache": places.cache,
        "logs": places.logs,
        "log": logbook.path_in(places.logs),
    }
    if as_json:
        output.as_json({name: str(path) for name, path in known.items()})
    else:
        output.table(list(known.items()), ("WHAT", "WHERE"))


@click.command("keys")
@click.option("--reasons", is_flag=True, help="The reason codes of each act instead.")
@json_option
@profile_option
def keys_command(reasons: bool, as_json: bool) -> None:
    """Print every key of the app, from the registry that the app itself uses."""
    if reasons:
        _reasons(as_json=as_json)
        return
    from screens.actions import ACTIONS, shown_keys

    keymap = keymap_in_force(House.found(os.environ))
    rows = [
        {
            "id": action.id,
            "keys": list(shown_keys(action, keymap)),
            "label": action.label,
            "help": action.help,
            "where": list(action.contexts),
        }
        for action in ACTIONS
    ]
    if as_json:
        output.as_json(rows)
    else:
        output.table(
            [(row["id"], " ".join(row["keys"]), row["help"]) for row in rows], ("ID", "KEYS", "DOES")
        )


def _reasons(*, as_json: bool) -> None:
    with opened(reads_damaged=True) as session:
        book = session.wait(session.desk.reasons)
    active = [reason for reason in book.reasons if reason.active]
    if as_json:
        output.as_json({"version": book.version, "reasons": active})
        return
    rows = [(one.act, one.hotkey, one.code, one.requires or "", one.label) for one in active]
    output.table(rows, ("ACT", "KEY", "CODE", "NEEDS", "MEANS"))
