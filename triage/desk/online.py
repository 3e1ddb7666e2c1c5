"""The CRM at once, for what is done there and not queued here: answers, words on a proposal, numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from triage.sync.identity import check_rep

if TYPE_CHECKING:
    from triage.crm.port import Crm
    from triage.desk.session import Session


@asynccontextmanager
async def reached(session: Session) -> AsyncIterator[Crm]:
    """Open the profile's CRM, as whoever the profile is of; NotSignedIn if the token is another's.

    The demo's profile is nobody's: its CRM and its token are its own.
    """
    crm = await session.connect()
    try:
        if session.demo is None:
            check_rep(await crm.whoami(), session.rep)
        yield crm
    finally:
        await crm.aclose()
