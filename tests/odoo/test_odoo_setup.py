"""What a database lacks is named, made once, and never changed where somebody made it otherwise; the doctor tells."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from config import load
from tests.odoo.conftest import Switchboard
from tests.odoo.server import Odoo
from tests.odoo.stage import NOBODY_LISTENS, signed_in
from tests.tempo import FastTempo
from triage.clock import utc_now
from triage.crm.dialect import Dialect
from triage.crm.odoo import OdooCrm
from triage.crm.odoo.lost_reasons import LABELS
from triage.crm.odoo.setting_up.setup import FIELDS
from triage.crm.odoo.statuses import TAGS
from triage.crm.setup import Check, Step
from triage.domain.act import Act
from triage.errors import CrmError, NotPermitted

Open = Callable[..., OdooCrm]


@pytest.fixture
def bare(switchboard: Switchboard) -> Odoo:
    return switchboard.plug(Odoo(FastTempo(), set_up=False))


@pytest.fixture
async def opened(switchboard: Switchboard) -> AsyncIterator[Open]:
    crms: list[OdooCrm] = []

    def open_on(odoo: Odoo, key: str = "", **more: Any) -> OdooCrm:
        crms.append(signed_in(more.pop("url", switchboard.url), odoo, key, **more))
        return crms[-1]

    yield open_on
    for crm in crms:
        await crm.aclose()


async def made(crm: OdooCrm) -> None:
    for step in await crm.setup_plan():
        if step.state == "missing":
            await crm.set_up(step)


def states(plan: tuple[Step, ...]) -> set[str]:
    return {step.state for step in plan}


def by_name(checks: tuple[Check, ...]) -> dict[str, Check]:
    return {check.name: check for check in checks}


@pytest.mark.parametrize("version", ["19.0", "17.0"])
async def test_a_bare_database_gets_all_that_is_missing_and_then_nothing(
    opened: Open, switchboard: Switchboard, version: str
) -> None:
    bare = switchboard.plug(Odoo(FastTempo(), version=version, set_up=False))
    crm = opened(bare, bare.admin_key, login=bare.login_of(_admin(bare)))
    plan = await crm.setup_plan()
    assert states(plan) == {"missing"}
    assert len(plan) == len(TAGS) + len(set(LABELS.values())) + len(FIELDS)
    await made(crm)
    assert states(await crm.setup_plan()) == {"there"}
    writes = bare.count("ir.model.fields.create") + bare.count("crm.tag.create")
    await made(crm)
    assert bare.count("ir.model.fields.create") + bare.count("crm.tag.create") == writes
    assert bare.broken_rules == []


def _admin(odoo: Odoo) -> int:
    rows = odoo.state.tables.models["res.users.apikeys"].rows.values()
    return next(int(row["user_id"]) for row in rows if row["_key"] == odoo.admin_key)


async def test_what_somebody_else_made_meanwhile_is_no_error(opened: Open, bare: Odoo) -> None:
    crm, other = opened(bare, bare.admin_key), opened(bare, bare.admin_key)
    plan = await crm.setup_plan()
    await made(other)
    for step in plan:
        await crm.set_up(step)
    names = [row["name"] for row in bare.state.tables.models["crm.lost.reason"].rows.values()]
    assert len(names) == len(set(names))


async def test_who_is_no_admin_is_told_who_can_do_it(opened: Open, bare: Odoo) -> None:
    crm = opened(bare)
    steps = {step.kind: step for step in await crm.setup_plan()}
    for kind in ("lost reason", "field"):
        with pytest.raises(NotPermitted) as caught:
            await crm.set_up(steps[kind])
        assert "admin" in caught.value.hint


async def test_a_field_of_another_type_is_an_admins_to_mend(opened: Open, bare: Odoo) -> None:
    models = bare.state.tables.models["ir.model"].rows.values()
    lead = next(row["id"] for row in models if row["model"] == "crm.lead")
    bare.ask_of("ir.model.fields", name="x_triage_outcome", model_id=lead, ttype="integer")
    crm = opened(bare, bare.admin_key)
    step = next(one for one in await crm.setup_plan() if one.name == "x_triage_outcome")
    assert step.state == "differs"
    with pytest.raises(CrmError):
        await crm.set_up(step)
    assert not by_name(await crm.examine())["fields"].ok


async def test_words_of_the_profile_that_odoo_does_not_have_are_named_with_the_nearest(
    opened: Open, odoo: Odoo
) -> None:
    dialect = Dialect(
        reasons={"NO_BUDGET": "Too expensiv", "recycle.BAD_TIMING": "nothing of Odoo's"},
        statuses={"accepted": "Qualifed"},
    )
    crm = opened(odoo, dialect=dialect)
    by_hand = [step for step in await crm.setup_plan() if step.state == "by hand"]
    assert [step.name for step in by_hand] == ["lost reason NO_BUDGET", "stage accepted"]
    assert "Too expensive" in by_hand[0].words
    assert "Qualified" in by_hand[1].words
    checks = by_name(await crm.examine())
    assert not checks["stage accepted"].ok


async def test_the_doctor_finds_a_database_that_is_set_up_well(opened: Open, odoo: Odoo) -> None:
    await made(opened(odoo, odoo.admin_key))
    odoo.requests.clear()
    checks = await opened(odoo).examine()
    assert [check for check in checks if not check.ok] == []
    found = by_name(checks)
    assert "19.0" in found["odoo"].found
    assert "JSON-2" in found["odoo"].found
    assert "Rhea Rep" in found["who"].found
    assert "leads" in found["leads"].found
    assert odoo.key not in repr(checks)
    assert not [one for one in odoo.requests if one.endswith((".write", ".create", ".message_post"))]


async def test_the_doctor_warns_before_the_key_ends_and_names_the_command(opened: Open, odoo: Odoo) -> None:
    soon = (utc_now() + timedelta(days=5)).date().isoformat()
    check = by_name(await opened(odoo, key_ends=soon).examine())["key"]
    assert not check.ok
    assert soon in check.found
    assert "--with new-key" in check.hint
    late = (utc_now() + timedelta(days=60)).date().isoformat()
    assert by_name(await opened(odoo, key_ends=late).examine())["key"].ok


async def test_the_doctor_says_that_the_old_interface_will_go(opened: Open, switchboard: Switchboard) -> None:
    old = switchboard.plug(Odoo(FastTempo(), version="17.0"))
    soon = (utc_now() + timedelta(days=5)).date().isoformat()
    checks = by_name(await opened(old, key_ends=soon).examine())
    assert "22" in checks["odoo"].found
    assert "new-key" not in checks["key"].hint


async def test_a_database_that_cannot_be_reached_is_one_line(opened: Open, odoo: Odoo) -> None:
    (check,) = await opened(odoo, url=NOBODY_LISTENS).examine()
    assert not check.ok


async def test_a_bare_database_is_told_to_be_set_up(opened: Open, bare: Odoo) -> None:
    checks = by_name(await opened(bare).examine())
    assert not checks["setup"].ok
    assert "triage setup" in checks["setup"].hint
    assert "triage: accepted" in checks["setup"].found
    assert f"{len(LABELS)} lost reasons" in checks["setup"].found
    assert checks["fields"].ok


def test_the_labels_of_lost_reasons_are_those_that_triage_ships() -> None:
    book = load.reasons(None)
    lost = {
        one.code: one.label for one in book.reasons if one.act in (Act.REJECT, Act.DISQUALIFY) and one.active
    }
    assert dict(LABELS) == lost
