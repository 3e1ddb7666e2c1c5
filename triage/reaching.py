"""How a profile's CRM is reached: token, what renews that, adapter. The composition root's other half.

Apart from `triage.wiring` because of what it costs to load: the inbox is on the screen before any of it.
"""

from __future__ import annotations

import asyncio
from functools import cache, partial
from typing import TYPE_CHECKING

from config.credentials import KEYRING, find_again, find_credential
from config.paths import private_folder
from config.renewal import LOCK_FILE as TOKEN_LOCK
from config.renewal import Rotation, SecondLook
from config.vault import Vault
from triage.crm import registry
from triage.crm.bearer import Renew
from triage.crm.port import Crm

if TYPE_CHECKING:  # it loads this module, when a CRM is wanted
    from config.settings import Profile
    from triage.sync.engine import Connect
    from triage.wiring import House


def connector(house: House, name: str, profile: Profile, given: str | None = None) -> Connect:
    """Return what opens the adapter: the token is looked for only then, and off the event loop."""
    find_again_here = partial(
        find_again, name, profile, environ=house.environ, keyring=house.keyring, given=given
    )
    look = SecondLook(find_again_here)
    rotation = cache(partial(_rotation, house, name, profile))

    def find() -> tuple[str, Renew]:
        rotating = rotation()
        credential = find_credential(
            name,
            profile,
            environ=house.environ,
            keyring=house.keyring,
            given=given,
            kept=rotating.token if rotating else None,
        )
        renewal = rotating if rotating and credential.source == KEYRING else look
        return credential.secret.reveal(), renewal.renew

    async def connect() -> Crm:
        token, renew = await asyncio.to_thread(find)
        return adapter(profile, token, renew)

    return connect


def adapter(profile: Profile, token: str, renew: Renew | None = None) -> Crm:
    """Make the adapter of a profile's CRM; nothing is sent yet. `renew` gives another token after a 401."""
    return registry.make(profile.crm, profile.url, token, renew=renew, **_options(profile))


def _rotation(house: House, name: str, profile: Profile) -> Rotation | None:
    """Return what renews the profile's token, where its adapter has tokens that rotate."""
    exchange = registry.exchange_of(profile.crm)
    if exchange is None:
        return None
    state = private_folder(house.paths.state_of(name, profile.account_id))
    ask = partial(exchange, profile.url, **_options(profile))
    return Rotation(Vault(name, profile, house.keyring), ask, state / TOKEN_LOCK, warn=house.warn)


def _options(profile: Profile) -> dict[str, str]:
    return {"ca_file": profile.ca_file} if profile.ca_file else {}
