"""How a profile's CRM is reached: token, what renews that, adapter. The composition root's other half.

Apart from `triage.wiring` because of what it costs to load: the inbox is on the screen before any of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from config.agreement import definition_of, reasons_of
from config.borrowing import Borrowing
from config.credentials import KEYRING, find_again, find_credential, kept_token
from config.document import Document
from config.paths import private_folder
from config.renewal import LOCK_FILE as TOKEN_LOCK
from config.renewal import Rotation, SecondLook
from config.secret import Secret
from config.settings import is_address
from config.vault import Vault
from triage.crm import registry
from triage.crm.agreed_file import AgreedElsewhere, Reader, read_text
from triage.crm.bearer import Renew, Tokens
from triage.crm.dialect import Dialect
from triage.crm.port import Crm
from triage.house import House

if TYPE_CHECKING:
    from config.settings import Profile
    from triage.sync.engine import Connect


def connector(house: House, name: str, profile: Profile, given: str | None = None) -> Connect:
    """Return what opens the adapter: the token is looked for only then, and off the event loop."""
    find_again_here = partial(
        find_again, name, profile, environ=house.environ, keyring=house.keyring, given=given
    )
    look = SecondLook(find_again_here)
    rotation = cache(partial(_rotation, house, name, profile))
    borrowing = cache(partial(borrowing_of, profile))

    def kept() -> tuple[Secret | None, Renew]:
        """Ask whoever lends a token, else the keyring; with what gives another one."""
        lender, rotating = borrowing(), rotation()
        if lender is not None and (lent := lender.token()) is not None:
            return lent, lender.renew
        if rotating is not None:
            return rotating.token(), rotating.renew
        return kept_token(name, profile, keyring=house.keyring), look.renew

    def find() -> tuple[str, Renew]:
        renewals: list[Renew] = []

        def asked() -> Secret | None:
            secret, renew = kept()
            renewals.append(renew)
            return secret

        credential = find_credential(
            name, profile, environ=house.environ, keyring=house.keyring, given=given, kept=asked
        )
        return credential.secret.reveal(), renewals[0] if credential.source == KEYRING else look.renew

    async def connect() -> Crm:
        token, renew = await asyncio.to_thread(find)
        return adapter(profile, token, renew)

    return connect


def adapter(profile: Profile, token: str, renew: Renew | None = None) -> Crm:
    """Make the adapter of a profile's CRM; nothing is sent yet. `renew` gives another token after a 401."""
    url = profile.url or registry.home_of(profile.crm)
    crm = registry.make(profile.crm, url, token, renew, **{**options_of(profile), **_dialect(profile)})
    definition, reasons = (_agreed_at(profile, name) for name in ("definition", "reasons"))
    return (
        cast("Crm", AgreedElsewhere(crm, definition=definition, reasons=reasons))
        if definition or reasons
        else crm
    )


def _agreed_at(profile: Profile, name: str) -> Reader | None:
    """Return what reads the definition or reason codes of an address that a profile names, or None."""
    url: str = getattr(profile, name)
    if not is_address(url):
        return None
    converters: dict[str, Callable[[Document], Any]] = {"definition": definition_of, "reasons": reasons_of}
    convert = converters[name]

    async def read() -> Any:
        text = await read_text(url, profile.ca_file or None)
        return convert(Document.parse(text, f"the agreed {name}"))

    return read


def token_lock(house: House, name: str, profile: Profile) -> Path:
    """Return the file whose lock is held while a profile's entries in the keyring change."""
    return private_folder(house.paths.state_of(name, profile.account_id)) / TOKEN_LOCK


def _rotation(house: House, name: str, profile: Profile) -> Rotation | None:
    """Return what renews the profile's token, where its adapter has tokens that rotate."""
    exchange = registry.exchange_of(profile.crm)
    if exchange is None:
        return None
    vault = Vault(name, profile, house.keyring)
    wants_secret = "client_secret" in {
        one.option for asked in registry.questions_of(profile.crm).values() for one in asked
    }

    def ask(refresh_token: str) -> Tokens:
        secret = vault.client_secret(house.environ) if wants_secret else None
        app = {"client_secret": secret.reveal()} if secret is not None else {}
        tokens: Tokens = exchange(profile.url, refresh_token, **options_of(profile), **app)
        return tokens

    return Rotation(vault, ask, token_lock(house, name, profile), warn=house.warn)


def borrowing_of(profile: Profile) -> Borrowing | None:
    """Return what lends the profile's token, where its adapter has tokens of others."""
    borrow = registry.borrow_of(profile.crm)
    return None if borrow is None else Borrowing(partial(borrow, profile.url, **options_of(profile)))


def options_of(profile: Profile) -> dict[str, str]:
    """Return what the adapter's own sign-in needs as well."""
    return {**profile.options, "ca_file": profile.ca_file} if profile.ca_file else {**profile.options}


def _dialect(profile: Profile) -> dict[str, Dialect]:
    """Return what the account calls things, for an adapter that takes it; nothing where all is usual."""
    dialect = Dialect(profile.fields, profile.reason_values, profile.statuses)
    return {"dialect": dialect} if dialect != Dialect() else {}
