"""What a BottleCRM lacks is named, made once by an admin, and never changed where it was made otherwise."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.bottlecrm.conftest import Switchboard
from tests.bottlecrm.shop import Shop, app
from tests.bottlecrm.stage import NOBODY_LISTENS
from tests.tempo import FastTempo
from triage.crm.bottlecrm import sign_in
from triage.crm.bottlecrm.adapter import BottleCrm
from triage.crm.contract import decision_on
from triage.crm.dialect import Dialect
from triage.crm.setup import Check, Step
from triage.crm.shipped_reasons import SHIPPED
from triage.domain.act import Act
from triage.domain.lead import Lead, LeadId, LeadStatus, Owner
from triage.domain.outcome import Applied
from triage.errors import CrmError, NotPermitted

Open = Callable[..., BottleCrm]
FIELDS = 9


@pytest.fixture
def bare(switchboard: Switchboard) -> Shop:
    made = Shop(FastTempo(), set_up=False)
    switchboard.app = app(made)
    return made


@pytest.fixture
async def opened(switchboard: Switchboard) -> AsyncIterator[Open]:
    crms: list[BottleCrm] = []

    def opening(token: str, **options: Any) -> BottleCrm:
        crms.append(BottleCrm(switchboard.url, token, **{"tempo": FastTempo(), **options}))
        return crms[-1]

    yield opening
    for crm in crms:
        await crm.aclose()


async def made(crm: BottleCrm) -> None:
    for step in await crm.setup_plan():
        if step.state == "missing":
            await crm.set_up(step)


def by_name(plan: tuple[Step, ...]) -> dict[str, Step]:
    return {f"{step.name} {step.kind}": step for step in plan}


def named(checks: tuple[Check, ...]) -> dict[str, Check]:
    return {check.name: check for check in checks}


async def test_a_bare_organisation_gets_all_fields_and_then_nothing(opened: Open, bare: Shop) -> None:
    admin = opened(bare.admin_token)
    assert [step.state for step in await admin.setup_plan()] == ["missing"] * FIELDS
    await made(admin)
    assert {step.state for step in await admin.setup_plan()} == {"there"}
    assert bare.broken_rules == []


async def test_a_decision_goes_through_once_the_fields_are_made(opened: Open, bare: Shop) -> None:
    rep = opened(bare.token)
    lead = Lead(LeadId(bare.lead_ids[0]), status=LeadStatus.ASSIGNED, owner=Owner(bare.me))
    item = decision_on(lead, Act.REJECT, reason="COMPETITOR")
    with pytest.raises(NotPermitted, match="fields yet"):
        await rep.push([item])
    assert not (await rep.capabilities()).replies
    await made(opened(bare.admin_token))
    assert isinstance((await rep.push([item]))[item.id], Applied)
    assert bare.standing(lead.lead_id).reason == "COMPETITOR"


async def test_every_shipped_reason_and_those_of_the_profile_are_options(opened: Open, bare: Shop) -> None:
    dialect = Dialect(reasons={"reject.OWN_CODE": "theirs"})
    await made(opened(bare.admin_token, dialect=dialect))
    definition = bare.state.definition("triage_reason")
    assert definition is not None
    values = {one["value"] for one in definition.options or ()}
    assert values == {code for code, _label in SHIPPED} | {"OWN_CODE"}


async def test_only_an_admin_can_and_others_are_told_so(opened: Open, bare: Shop) -> None:
    rep = opened(bare.token)
    step = (await rep.setup_plan())[0]
    with pytest.raises(NotPermitted, match="admin of BottleCRM") as caught:
        await rep.set_up(step)
    assert "triage login" in caught.value.hint


async def test_an_admin_whose_token_lacks_the_scope_is_told_which(opened: Open, bare: Shop) -> None:
    bare.me = bare.admin
    admin = opened(bare.scoped(*sign_in.SCOPES))
    with pytest.raises(NotPermitted, match=sign_in.FOR_SETUP):
        await admin.set_up((await admin.setup_plan())[0])


async def test_options_that_are_missing_are_added_and_those_there_keep_their_labels(
    opened: Open, shop: Shop
) -> None:
    definition = shop.state.definition("triage_reason")
    assert definition is not None
    definition.options = [{"value": "OWN", "label": "Our own"}, {"value": "NO_NEED", "label": "Not needed"}]
    admin = opened(shop.admin_token)
    step = by_name(await admin.setup_plan())["triage_reason option"]
    assert step.state == "missing"
    await admin.set_up(step)
    labels = {one["value"]: one["label"] for one in definition.options}
    assert (labels["OWN"], labels["NO_NEED"]) == ("Our own", "Not needed")
    assert set(labels) == {code for code, _label in SHIPPED} | {"OWN"}
    assert {step.state for step in await admin.setup_plan()} == {"there"}


async def test_a_field_of_another_type_is_an_admins_to_decide(opened: Open, shop: Shop) -> None:
    definition = shop.state.definition("triage_log")
    assert definition is not None
    definition.field_type = "text"
    admin = opened(shop.admin_token)
    step = by_name(await admin.setup_plan())["triage_log field"]
    assert step.state == "differs"
    with pytest.raises(CrmError, match="not triage's to make"):
        await admin.set_up(step)


async def test_a_field_that_was_switched_off_is_said_and_not_made_twice(opened: Open, shop: Shop) -> None:
    definition = shop.state.definition("triage_log")
    assert definition is not None
    definition.is_active = False
    admin = opened(shop.admin_token)
    step = by_name(await admin.setup_plan())["triage_log field"]
    with pytest.raises(CrmError, match="already exists") as caught:
        await admin.set_up(step)
    assert "switched off" in caught.value.hint


async def test_what_somebody_made_meanwhile_is_no_error(opened: Open, bare: Shop) -> None:
    first, second = opened(bare.admin_token), opened(bare.admin_token)
    plan = await first.setup_plan()
    await made(second)
    for step in plan:
        await first.set_up(step)
    assert len(bare.state.fields) == FIELDS


async def test_words_of_the_profile_that_the_organisation_does_not_have_are_named(
    opened: Open, shop: Shop
) -> None:
    dialect = Dialect(
        fields={"score": "lead_scor", "utm_campaign": "source_detail", "reason": "triage_reson"},
        statuses={"accepted": "Converted, in process", "rejected": "trash"},
    )
    plan = by_name(await opened(shop.admin_token, dialect=dialect).setup_plan())
    by_hand = {name: step.words for name, step in plan.items() if step.state == "by hand"}
    assert set(by_hand) == {"field score field", "field reason field", "status rejected status"}
    assert "triage_reason" in by_hand["field reason field"]
    assert "in process" in by_hand["status rejected status"]


# The doctor


async def test_a_doctor_finds_a_good_account_good(opened: Open, shop: Shop) -> None:
    checks = named(await opened(shop.token).examine())
    assert all(check.ok for check in checks.values())
    assert checks["leads"].found == "12 open"
    assert "rep" in checks["account"].found
    assert not [one for one in shop.requests if not one.startswith("GET ")]


async def test_a_doctor_names_what_is_missing_and_who_mends_it(opened: Open, shop: Shop) -> None:
    shop.drop_field("triage_wake_at")
    checks = named(await opened(shop.token, dialect=Dialect(statuses={"accepted": "trash"})).examine())
    assert not checks["fields"].ok
    assert "triage_wake_at" in checks["fields"].found
    assert "triage setup" in checks["fields"].hint
    assert not checks["status accepted"].ok


async def test_a_doctor_without_an_answer_says_one_line(opened: Open, shop: Shop) -> None:
    (check,) = await opened("a-wrong-token").examine()
    assert not check.ok
    away = BottleCrm(NOBODY_LISTENS, shop.token, tempo=FastTempo())
    (check,) = await away.examine()
    assert not check.ok
    assert shop.token not in f"{check}"
    await away.aclose()


# Signing in


async def test_the_scopes_that_are_named_are_enough(opened: Open, shop: Shop) -> None:
    rep = opened(shop.scoped(*sign_in.SCOPES))
    assert (await rep.whoami()).user_id == shop.me
    lead = Lead(LeadId(shop.lead_ids[0]), status=LeadStatus.ASSIGNED, owner=Owner(shop.me))
    item = decision_on(lead)
    assert isinstance((await rep.push([item]))[item.id], Applied)
    assert all(check.ok for check in await rep.examine())
    assert set(sign_in.SCOPES) <= set(sign_in.WHERE.replace(",", "").replace(";", "").split())


def test_no_question_asks_for_a_secret_beside_the_token() -> None:
    assert not any(one.secret for asked in BottleCrm.questions.values() for one in asked)
