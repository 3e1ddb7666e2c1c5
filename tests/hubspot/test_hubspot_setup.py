"""What a portal lacks is named, made once, and never changed where somebody else made it otherwise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from config import load
from tests.hubspot.conftest import Switchboard
from tests.hubspot.portal import Portal, app
from tests.tempo import FastTempo, Unhurried
from triage.crm.contract import decision_on
from triage.crm.dialect import Dialect
from triage.crm.hubspot import HubSpotCrm
from triage.crm.setup import Check, Step
from triage.crm.shipped_reasons import SHIPPED
from triage.domain.lead import Lead, LeadId, LeadStatus, Owner
from triage.domain.outcome import Applied
from triage.errors import CrmError, NotPermitted


@pytest.fixture
def bare(switchboard: Switchboard) -> Portal:
    made = Portal(FastTempo(), set_up=False)
    switchboard.app = app(made)
    return made


@pytest.fixture
async def opened(switchboard: Switchboard) -> AsyncIterator[Any]:
    crms: list[HubSpotCrm] = []

    def open_on(portal: Portal, **more: Any) -> HubSpotCrm:
        options = {"email": portal.email, "tempo": Unhurried(portal.tempo)} | more
        crms.append(HubSpotCrm(switchboard.url, portal.token, **options))
        return crms[-1]

    yield open_on
    for crm in crms:
        await crm.aclose()


async def made(crm: HubSpotCrm) -> None:
    for step in await crm.setup_plan():
        if step.state == "missing":
            await crm.set_up(step)


def by_name(plan: tuple[Step, ...]) -> dict[str, Step]:
    return {step.name: step for step in plan}


async def test_a_bare_portal_gets_all_that_is_missing_and_then_nothing(opened: Any, bare: Portal) -> None:
    crm = opened(bare)
    first = await crm.setup_plan()
    assert {step.state for step in first if step.kind in ("group", "property")} == {"missing"}
    await made(crm)
    second = await crm.setup_plan()
    assert {step.state for step in second} == {"there"}, "nothing is left to be done"
    assert bare.broken_rules == []


async def test_the_key_on_leads_is_optional_and_the_doctor_says_how_it_is_made(
    opened: Any, bare: Portal
) -> None:
    check = named(await opened(bare).examine())["key on leads"]
    assert check.ok
    assert "optional" in check.found
    assert "triage_decision_key" in check.found


async def test_replies_are_promised_when_there_is_a_place_for_them(opened: Any, bare: Portal) -> None:
    crm = opened(bare)
    assert not (await crm.capabilities()).replies
    await made(crm)
    assert (await crm.capabilities()).replies


async def test_what_was_made_takes_a_decision_whole(opened: Any, bare: Portal) -> None:
    crm = opened(bare)
    await made(crm)
    of = bare.lead_ids[0]
    lead = Lead(LeadId(of), status=LeadStatus.ASSIGNED, owner=Owner(bare.me))
    item = decision_on(lead)
    assert isinstance((await crm.push([item]))[item.id], Applied)
    assert bare.standing(of).outcome == "accepted"


async def test_what_is_there_by_now_is_no_error(opened: Any, bare: Portal) -> None:
    one, other = opened(bare), opened(bare)
    plan = [step for step in await one.setup_plan() if step.state == "missing"]
    await made(other)
    for step in plan:
        await one.set_up(step)
    assert {step.state for step in await one.setup_plan()} == {"there"}


async def test_a_property_of_another_type_is_named_and_left(opened: Any, portal: Portal) -> None:
    properties = portal.state.schemas["contacts"].properties
    properties["triage_wake_at"] = replace(properties["triage_wake_at"], type="string")
    crm = opened(portal)
    step = by_name(await crm.setup_plan())["triage_wake_at"]
    assert step.state == "differs"
    with pytest.raises(CrmError):
        await crm.set_up(step)
    assert properties["triage_wake_at"].type == "string"


async def test_options_that_are_missing_are_added_and_others_stay(opened: Any, portal: Portal) -> None:
    crm = opened(portal, dialect=Dialect(reasons={"reject.OUR_OWN": "NOT_A_GOOD_FIT"}))
    before = await crm._account.options("contacts", "triage_reason")
    step = next(step for step in await crm.setup_plan() if step.kind == "option")
    assert "OUR_OWN" in step.words
    await crm.set_up(step)
    after = await crm._account.options("contacts", "triage_reason")
    assert set(before) < set(after)
    assert "OUR_OWN" in after


async def test_words_of_the_profile_that_the_portal_has_not_are_named_with_the_nearest(
    opened: Any, portal: Portal
) -> None:
    crm = opened(portal, dialect=Dialect(statuses={"accepted": "attemptin-stage-id"}))
    step = next(step for step in await crm.setup_plan() if step.kind == "status")
    assert step.state == "by hand"
    assert "attempting-stage-id" in step.words


async def test_a_key_without_the_right_to_make_properties_is_told_which_it_needs(
    opened: Any, bare: Portal
) -> None:
    bare.scopes -= {"crm.schemas.contacts.write"}
    crm = opened(bare)
    with pytest.raises(NotPermitted, match=r"crm\.schemas\.contacts\.write"):
        await made(crm)


def test_the_shipped_reasons_are_those_of_the_book() -> None:
    labels: dict[str, str] = {}
    for reason in load.reasons(None).reasons:
        labels.setdefault(reason.code, reason.label)
    assert dict(SHIPPED) == labels


# The doctor


def named(checks: tuple[Check, ...]) -> dict[str, Check]:
    return {check.name: check for check in checks}


async def test_a_doctor_finds_a_portal_well_and_writes_nothing(opened: Any, portal: Portal) -> None:
    checks = named(await opened(portal).examine())
    assert str(portal.portal_id) in checks["account"].found
    assert all(check.ok for check in checks.values()), checks
    assert "leads" in checks["leads"].found
    assert checks["requests left today"].found[0].isdigit()
    writes = [one for one in portal.requests if "/batch/" in one or not one.startswith(("GET", "POST"))]
    assert writes == []
    assert portal.token not in repr(checks)


async def test_a_doctor_names_what_is_missing(opened: Any, bare: Portal) -> None:
    bare.scopes -= {"crm.objects.deals.read"}
    checks = named(await opened(bare).examine())
    assert not checks["setup"].ok
    assert "triage setup" in checks["setup"].hint
    assert not checks["scope crm.objects.deals.read"].ok
    assert "crm.objects.deals.read" in checks["scope crm.objects.deals.read"].hint


async def test_a_doctor_says_whether_lists_are_shown_and_wants_none(opened: Any, portal: Portal) -> None:
    assert named(await opened(portal).examine())["lists"].found.startswith("provided")
    portal.scopes -= {"crm.lists.read"}
    check = named(await opened(portal).examine())["lists"]
    assert check.ok
    assert check.found == "not provided: none are shown (scope crm.lists.read)"


async def test_a_doctor_says_one_thing_of_a_portal_out_of_reach(opened: Any, portal: Portal) -> None:
    crm = HubSpotCrm("http://127.0.0.1:1", portal.token, email=portal.email)
    (check,) = await crm.examine()
    assert not check.ok
    assert check.found
    await crm.aclose()


async def test_a_portal_without_lead_objects_is_examined_by_its_contacts(
    opened: Any, switchboard: Switchboard
) -> None:
    contacts = Portal(FastTempo(), lead_object="contacts")
    switchboard.app = app(contacts)
    checks = named(await opened(contacts).examine())
    assert checks["leads"].found.startswith("contacts")
