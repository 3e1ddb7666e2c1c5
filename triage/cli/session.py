"""What commands share: the profile option, an open session, and a sync run to its end."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from triage.cli import logbook, narration
from triage.desk.session import Session
from triage.errors import AnswerLost, Unreachable
from triage.house import House
from triage.wiring import connector, open_session

if TYPE_CHECKING:  # most commands ask no CRM
    from triage.crm.port import Crm

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
NOTHING_QUEUED = "Nothing of this is queued: run it again when the CRM can be reached."
LOOK_FIRST = "It may have taken effect: look what the CRM has before you run it again."


def profile_option(command: F) -> F:
    """Let a command take `--profile` too, besides the root."""

    def remember(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
        if value:
            ctx.obj = value

    return click.option(
        "--profile", metavar="P", expose_value=False, callback=remember, help="The profile to use."
    )(command)


def json_option(command: F) -> F:
    """Let a command print one JSON document."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def words(text: str) -> str:
    """Return what was typed, with U+FFFD for bytes that are no text: a CRM might refuse a batch for them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def chosen_profile() -> str | None:
    """Return the profile named on the command line, or None."""
    name: str | None = click.get_current_context().obj
    return name


@contextmanager
def opened(*, reads_damaged: bool = False) -> Iterator[Session]:
    """Open the profile's session for the length of a block.

    `reads_damaged`: of a damaged outbox the command shows what reads, says so, and ends with 1.
    """
    house = House.found(os.environ, warn=narration.say)
    session = open_session(house, chosen_profile(), reads_damaged=reads_damaged)
    try:
        if damage := session.desk.outbox.db.damage:
            narration.incomplete(damage)
        told = _tell_notices(session)
        yield session
        _tell_notices(session, told)
    finally:
        session.close()


def _tell_notices(session: Session, told: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Narrate and log what the stores noticed, but for what was told; returns all of it."""
    notices = (*session.desk.outbox.db.notices, *session.desk.leads.db.notices)
    fresh = [notice for notice in notices if notice not in told]
    logbook.note_damage(fresh)
    for notice in fresh:
        narration.say(f"note: {notice}")
    return notices


def not_queued(error: Unreachable) -> Unreachable:
    """Return why the CRM was not reached, with what to do where nothing is kept to be sent later."""
    if error.hint == error.default_hint:
        error.hint = LOOK_FIRST if isinstance(error, AnswerLost) else NOTHING_QUEUED
    return error


def with_crm(ask: Callable[[Crm], Awaitable[T]], *, anywhere: bool = False) -> T:
    """Ask the profile's CRM something, without any local store, as whoever has the token.

    NotSignedIn where that is in another account than the profile's, unless it may be `anywhere`.
    """
    import asyncio

    from triage.domain.people import Rep
    from triage.sync.identity import check_rep

    house = House.found(os.environ, warn=narration.say)
    name, profile = house.profile(chosen_profile())

    async def run() -> T:
        crm = await connector(house, name, profile)()
        try:
            if not anywhere:
                check_rep(await crm.whoami(), Rep("", profile.user_name, account_id=profile.account_id))
            return await ask(crm)
        except Unreachable as error:
            raise not_queued(error) from None
        finally:
            await crm.aclose()

    return asyncio.run(run())
