"""The composition root: a house with its settings in, a session out."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from config import load
from config.paths import private_folder
from config.settings import Profile, is_address
from triage.desk.desk import Desk
from triage.desk.keeping import Keeping, Places
from triage.desk.rules import Rules
from triage.desk.session import DemoControls, Session
from triage.domain.people import Rep
from triage.errors import WriteFailed
from triage.house import House
from triage.store.archive import Archive
from triage.store.leads import Leads
from triage.store.outbox import Outbox
from triage.store.thread import StoreThread

if TYPE_CHECKING:  # loaded when a CRM is wanted
    from triage.crm.port import Crm
    from triage.domain.blind import Blind
    from triage.sync.engine import Connect

OUTBOX_FILE = "outbox.journal"
LEADS_FILE = "leads.journal"
LOCK_FILE = "sync.lock"
ARCHIVE_FOLDER = "archive"


def open_session(
    house: House, name: str | None = None, given: str | None = None, *, reads_damaged: bool = False
) -> Session:
    """Open a profile's stores and make its desk. Touches neither the network nor the keyring.

    `given` is a token that was typed just now: it serves where there is no keyring to keep it.
    `reads_damaged`: a damaged outbox opens with what reads of it and takes no write; else CorruptJournal.
    """
    chosen, profile = house.profile(name)
    connect = connector(house, chosen, profile, given)
    return session_for(house, chosen, profile, connect, reads_damaged=reads_damaged)


def session_for(
    house: House,
    name: str,
    profile: Profile,
    connect: Connect,
    demo: DemoControls | None = None,
    *,
    reads_damaged: bool = False,
) -> Session:
    """Open the stores of one profile, reached by `connect`."""
    state = private_folder(house.paths.state_of(name, profile.account_id))
    cache = private_folder(house.paths.cache_of(name, profile.account_id))
    thread = StoreThread()
    try:
        desk = thread.call(_open_desk, house, profile, state, cache, reads_damaged=reads_damaged)
        keeping = _keeping(house, desk, Places(state, cache, house.paths.logs))
        if desk.outbox.db.damage is None:  # else nobody knows what hangs on a lead
            thread.call(keeping.drop_expired_leads)
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
        keeping=keeping,
    )


def connector(house: House, name: str, profile: Profile, given: str | None = None) -> Connect:
    """Return what opens the adapter: all it needs is loaded and looked for only then, off the event loop."""

    @cache
    def reached() -> Connect:
        from triage.reaching import connector as reaching  # noqa: PLC0415 - no CRM before the inbox is painted

        return reaching(house, name, profile, given)

    async def connect() -> Crm:
        import asyncio  # noqa: PLC0415 - a command that reaches no CRM starts without it

        return await (await asyncio.to_thread(reached))()

    return connect


def queue_owner(house: House, name: str, account_id: str) -> Rep | None:
    """Return whose decisions lie under a profile name and account, or None where none do."""
    path = house.paths.state_of(name, account_id) / OUTBOX_FILE
    if not path.exists():
        return None
    from triage.sync.identity import owner_of  # noqa: PLC0415 - only signing in asks

    outbox = Outbox(path, house.clock)
    try:
        return owner_of(outbox)
    finally:
        outbox.close()


def rules_of(profile: Profile) -> Rules:
    """Return the rules of a profile for a CRM that holds none: its own files, or the shipped ones.

    Those of an address come with a sync, and are kept as a CRM's are.
    """
    return Rules(
        reasons=load.reasons(_file(profile.reasons)), definition=load.definition(_file(profile.definition))
    )


def _file(named: str) -> Path | None:
    return Path(named) if named and not is_address(named) else None


def _keeping(house: House, desk: Desk, places: Places) -> Keeping:
    settings = house.settings.retention
    return Keeping(
        desk,
        Archive(places.state / ARCHIVE_FOLDER),
        places,
        decisions=timedelta(days=settings.decisions),
        leads=timedelta(days=settings.leads),
    )


def _open_desk(
    house: House, profile: Profile, state: Path, cache: Path, *, reads_damaged: bool = False
) -> Desk:
    outbox = Outbox(state / OUTBOX_FILE, house.clock, reads_damaged=reads_damaged)
    try:
        leads = Leads(cache / LEADS_FILE)
    except BaseException:
        outbox.close()
        raise
    try:
        for database in (outbox.db, leads.db):
            if database.worth_compacting():
                with suppress(WriteFailed):  # a full disk must not keep anyone from looking
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
        blind=_blind(house),
    )


def _blind(house: House) -> Blind | None:
    """Return the blind sample, or None where there is none."""
    chosen = house.settings.blind
    if chosen.share <= 0:
        return None
    from triage.domain.blind import Blind  # noqa: PLC0415 - off by default

    return Blind(chosen.share, chosen.seed)
