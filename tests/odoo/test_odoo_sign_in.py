"""A short-lived key is traded for one of ninety days, and what Odoo will not is said in plain words."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from config.settings import Profile
from tests.odoo.conftest import Switchboard
from tests.odoo.server import Odoo
from tests.odoo.stage import signed_in
from triage.cli.granting import by_way
from triage.clock import utc_now
from triage.crm.odoo import OdooCrm, sign_in
from triage.errors import AnswerLost, CrmError, NotSignedIn, UsageError
from triage.house import House


def options(odoo: Odoo, **more: str) -> dict[str, str]:
    return {"client_secret": odoo.key, **more}


async def test_a_typed_key_is_traded_for_one_of_ninety_days(odoo: Odoo, switchboard: Switchboard) -> None:
    told: list[str] = []
    granted = await sign_in.new_key(f"{switchboard.url}/", options(odoo), told.append)
    assert granted.url == switchboard.url
    assert granted.tokens is not None
    assert granted.tokens.access != odoo.key
    ends = granted.options["key_ends"]
    assert timedelta(days=88) < date.fromisoformat(ends) - utc_now().date() <= timedelta(days=90)
    shown = repr(granted) + "".join(told)
    assert odoo.key not in shown
    assert granted.tokens.access not in shown
    crm = signed_in(switchboard.url, odoo, granted.tokens.access, key_ends=ends)
    rep = await crm.whoami()
    await crm.aclose()
    assert rep.access_ends is not None
    assert rep.access_ends.date().isoformat() == ends
    old = signed_in(switchboard.url, odoo)
    assert (await old.whoami()).user_id == rep.user_id
    await old.aclose()


def test_a_key_is_renewed_at_the_address_that_the_profile_has(
    odoo: Odoo, switchboard: Switchboard, tmp_path: Path
) -> None:
    house = House.found({"TRIAGE_HOME": str(tmp_path), "TRIAGE_CLIENT_SECRET": odoo.key})
    entry = by_way(house, "work", Profile(crm="odoo", url=switchboard.url), "new-key")
    assert entry.profile.url == switchboard.url
    assert entry.profile.options["key_ends"]
    assert entry.token.reveal() != odoo.key


async def test_the_typed_key_is_ended_where_that_is_asked_for(odoo: Odoo, switchboard: Switchboard) -> None:
    told: list[str] = []
    granted = await sign_in.new_key(switchboard.url, options(odoo, revoke="yes"), told.append)
    assert granted.tokens is not None
    assert "The typed key was ended." in told
    old = signed_in(switchboard.url, odoo)
    with pytest.raises(NotSignedIn):
        await old.whoami()
    await old.aclose()


async def test_a_key_that_cannot_be_ended_is_said_and_the_new_one_is_good(
    odoo: Odoo, switchboard: Switchboard
) -> None:
    told: list[str] = []
    odoo.strike("", "500")
    granted = await sign_in.new_key(switchboard.url, options(odoo, revoke="yes"), told.append)
    assert granted.tokens is not None
    assert "not ended" in told[0]


async def test_what_odoo_will_not_is_said_with_what_to_do(odoo: Odoo, switchboard: Switchboard) -> None:
    odoo.state.programmatic_keys = False
    with pytest.raises(CrmError) as caught:
        await sign_in.new_key(switchboard.url, options(odoo), print)
    assert "not enabled" in caught.value.message
    assert "base.enable_programmatic_api_keys" in caught.value.hint
    assert "by hand" in caught.value.hint


async def test_a_key_that_odoo_does_not_take_is_said(odoo: Odoo, switchboard: Switchboard) -> None:
    with pytest.raises(NotSignedIn):
        await sign_in.new_key(switchboard.url, options(odoo, client_secret="another"), print)


async def test_a_key_whose_answer_was_lost_is_named_as_left_behind(
    odoo: Odoo, switchboard: Switchboard
) -> None:
    odoo.strike("drop-after")
    with pytest.raises(AnswerLost) as caught:
        await sign_in.new_key(switchboard.url, options(odoo), print)
    assert "may have been made" in caught.value.hint


async def test_before_19_keys_are_made_by_hand(switchboard: Switchboard) -> None:
    old = switchboard.plug(Odoo(version="17.0"))
    with pytest.raises(UsageError, match="by hand"):
        await sign_in.new_key(switchboard.url, options(old, database=old.database, login=old.login), print)


async def test_what_is_missing_is_said(odoo: Odoo, switchboard: Switchboard) -> None:
    with pytest.raises(UsageError, match="Where"):
        await sign_in.new_key("", options(odoo), print)
    with pytest.raises(UsageError, match="key"):
        await sign_in.new_key(switchboard.url, {}, print)


def test_every_option_that_is_asked_for_is_the_adapters_or_the_ways() -> None:
    asked = {one.option for questions in OdooCrm.questions.values() for one in questions}
    assert asked == {"database", "login", "key_ends", "client_secret", "revoke"}
    assert set(OdooCrm.ways) <= set(OdooCrm.questions)
