"""The composition root: settings and credentials in, a session out. The only reader of both."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial
from pathlib import Path

from config import load
from config.credentials import Keyring, find_credential
from config.paths import Paths, paths, private_folder
from config.settings import Profile, Settings
from triage.clock import Clock, utc_now
from triage.crm import registry
from triage.crm.port import Crm
from triage.desk.desk import Desk
from triage.desk.rules import Rules
from triage.desk.session import DemoControls, Session
from triage.domain.people import Rep
from triage.store.leads import Leads
from triage.store.outbox import Outbox
from triage.store.thread import StoreThread
from triage.sync.engine import Connect

OUTBOX_FILE = "outbox.journal"
LEADS_FILE = "leads.journal"
LOCK_FILE = "sync.lock"


@dataclass(frozen=True)
class House:
    """Where everything is, and what the settings say."""

    environ: Mapping[str, str]
    paths: Paths
    settings: Settings
    keyring: Keyring
    clock: Clock = utc_now

    @classmethod
    def found(cls, environ: Mapping[str, str]) -> House:
        """Read the settings; ConfigError names file, key and line."""
        places = paths(environ)
        return cls(environ, places, load.settings(places.settings_file, environ), Keyring())

    def profile(self, name: str | None) -> tuple[str, Profile]:
        """Return the profile to use and its name; UsageError says which there are."""
        chosen = self.settings.chosen(name)
        return chosen, self.settings.profiles[chosen]


def open_session(house: House, name: str | None = None, given: str | None = None) -> Session:
    """Open a profile's stores and make its desk. Touches neither the network nor the keyring.

    `given` is a token that was typed just now: it serves where there is no keyring to keep it.
    """
    chosen, profile = house.profile(name)
    return session_for(house, chosen, profile, connector(house, chosen, profile, given))


def session_for(
    house: House, name: str, profile: Profile, connect: Connect, demo: DemoControls | None = None
) -> Session:
    """Open the stores of one profile, reached by `connect`."""
    state = private_folder(house.paths.state_of(name, profile.account_id))
    cache = private_folder(house.paths.cache_of(name, profile.account_id))
    thread = StoreThread()
    try:
        desk = thread.call(_open_desk, house, profile, state, cache)
    except BaseException:
        thread.close()
        raise
    return Session(
        desk=desk,
        thread=thread,
        connect=connect,
        lock=state / LOCK_FILE,
        profile=name,
        crm_name=profile.crm,
        url=profile.url,
        rep=Rep(profile.user_id, profile.user_name, profile.role, profile.account_id),
        demo=demo,
    )


def connector(house: House, name: str, profile: Profile, given: str | None = None) -> Connect:
    """Return what opens the adapter: the token is looked for only then, and off the event loop."""

    async def connect() -> Crm:
        credential = await asyncio.to_thread(
            find_credential, name, profile, environ=house.environ, keyring=house.keyring, given=given
        )
        return adapter(profile, credential.secret.reveal())

    return connect


def adapter(profile: Profile, token: str) -> Crm:
    """Make the adapter of a profile's CRM; nothing is sent yet."""
    options = {"ca_file": profile.ca_file} if profile.ca_file else {}
    return registry.make(profile.crm, profile.url, token, **options)


def rules_of(profile: Profile) -> Rules:
    """Return the rules of a profile for a CRM that holds none: its own files, or the shipped ones."""
    return Rules(
        reasons=load.reasons(Path(profile.reasons) if profile.reasons else None),
        definition=load.definition(Path(profile.definition) if profile.definition else None),
    )


def _open_desk(house: House, profile: Profile, state: Path, cache: Path) -> Desk:
    outbox = Outbox(state / OUTBOX_FILE, house.clock)
    try:
        leads = Leads(cache / LEADS_FILE)
    except BaseException:
        outbox.close()
        raise
    try:
        for database in (outbox.db, leads.db):
            if database.worth_compacting():
                database.compact()
    except BaseException:
        outbox.close()
        leads.close()
        raise
    hold = timedelta(seconds=house.settings.sync.hold)
    return Desk(
        outbox,
        leads,
        rules=lru_cache(1)(partial(rules_of, profile)),
        clock=house.clock,
        hold=hold,
        offline=house.settings.sync.offline,
    )
