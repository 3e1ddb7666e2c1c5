"""A setup says what the org lacks and changes nothing; a doctor says what it found, and never a secret."""

from __future__ import annotations

import pytest

from tests.salesforce.org.extras import DECISIONS
from tests.salesforce.org.schema import Field
from tests.salesforce.room import Room
from triage.crm.dialect import Dialect
from triage.crm.setup import Check, Step
from triage.errors import CrmError


async def plan(room: Room, **options: object) -> dict[str, Step]:
    crm = room.open(room.org.access_token, **options)
    return {step.name: step for step in await crm.setup_plan()}


async def found(room: Room, **options: object) -> dict[str, Check]:
    crm = room.open(room.org.access_token, **options)
    return {check.name: check for check in await crm.examine()}


async def test_an_org_that_has_all_needs_nothing(with_object: Room) -> None:
    steps = await plan(with_object)
    assert {step.state for step in steps.values()} == {"there"}
    assert len(steps) > 20


async def test_an_org_without_the_object_is_told_how_an_admin_deploys_it(room: Room) -> None:
    if room.org.schema.known("Lead_Triage_Decision__c") is not None:
        room.org.hide("Lead_Triage_Decision__c")
    step = (await plan(room))["Lead_Triage_Decision__c"]
    assert step.state == "by hand"
    assert "sf project deploy start" in step.words
    assert "triage setup --metadata" in step.words


async def test_an_org_that_is_to_do_without_the_object_is_not_asked_for_it(with_object: Room) -> None:
    assert (await plan(with_object, decision_object="none"))["Lead_Triage_Decision__c"].state == "there"


async def test_a_field_that_is_missing_or_closed_is_named(with_object: Room) -> None:
    with_object.org.hide("Lead_Triage_Decision__c.Reason__c")
    with_object.org.read_only("Lead_Triage_Decision__c.Outcome__c")
    steps = await plan(with_object)
    assert steps["Reason__c"].state == "by hand"
    closed = steps["Outcome__c"]
    assert (closed.kind, closed.state) == ("permission", "by hand")
    assert "sf org assign permset" in closed.words


async def test_what_only_marketing_writes_may_be_closed_to_a_rep(with_object: Room) -> None:
    with_object.org.read_only("Lead_Triage_Decision__c.Marketing_Answer__c")
    assert (await plan(with_object))["Marketing_Answer__c"].state == "there"
    as_marketing = await plan(with_object, role="marketing")
    assert as_marketing["Marketing_Answer__c"].state == "by hand"


@pytest.mark.parametrize(
    ("field", "word"),
    [
        (Field("Decision_Key__c", length=64), "twice"),
        (Field("Kind__c", "picklist", values=("decision",)), "feedback"),
        (Field("Wake_At__c", "date"), "datetime"),
        (Field("Record__c", "textarea", length=32_768, long=True), "131,072"),
    ],
    ids=lambda one: getattr(one, "name", one),
)
async def test_a_field_that_is_otherwise_is_an_admins_to_decide(
    with_object: Room, field: Field, word: str
) -> None:
    with_object.org.set_up(DECISIONS.with_fields(field))
    step = (await plan(with_object))[field.name]
    assert step.state == "differs"
    assert word in step.words


async def test_a_word_of_the_profile_that_the_org_lacks_comes_with_the_nearest(with_object: Room) -> None:
    dialect = Dialect(fields={"score": "pi__scor__c"}, statuses={"accepted": "Working - Contactd"})
    steps = await plan(with_object, dialect=dialect)
    assert "pi__score__c" in steps["field score"].words
    assert "Working - Contacted" in steps["status accepted"].words


async def test_nothing_is_changed_by_a_setup_and_it_says_so(with_object: Room) -> None:
    room = with_object
    before = [one for one in room.org.requests if not one.startswith("GET ")]
    steps = await plan(room)
    with pytest.raises(CrmError) as caught:
        await room.crm.set_up(next(iter(steps.values())))
    assert "sf project deploy start" in caught.value.hint
    assert [one for one in room.org.requests if not one.startswith("GET ")] == before


async def test_a_doctor_says_who_where_which_mode_and_what_is_left(room: Room) -> None:
    checks = await found(room)
    assert room.org.organization_id in checks["account"].found
    assert room.org.me in checks["who"].found
    with_object = room.org.schema.known("Lead_Triage_Decision__c") is not None
    assert ("tasks" in checks["decisions"].found) != with_object
    assert checks["decisions"].ok == with_object
    assert f"of {room.org.daily_limit:,}" in checks["requests today"].found
    assert checks["einstein score"].found == "there"
    assert checks["account engagement"].found == "there"
    assert not any(room.org.access_token in f"{check}" for check in checks.values())


async def test_a_doctor_names_what_the_org_has_not(behind: object) -> None:
    assert isinstance(behind, tuple)
    room = Room(*behind, einstein=False, prediction=False, pardot=False)
    checks = await found(room)
    for name in ("einstein score", "prediction", "account engagement"):
        assert "not there" in checks[name].found
        assert checks[name].ok
    await room.close()


async def test_a_doctor_warns_before_the_day_is_used_up(with_object: Room) -> None:
    with_object.org.used = with_object.org.daily_limit * 9 // 10
    assert not (await found(with_object))["requests today"].ok


@pytest.mark.parametrize("word", ["Recycling", "00G000000000000AAA"])
async def test_a_queue_for_recycled_leads_that_the_org_lacks_is_said(with_object: Room, word: str) -> None:
    assert word in (await plan(with_object, recycles_to=word))["queue recycles_to"].words
    check = (await found(with_object, recycles_to=word))["queue recycles_to"]
    assert not check.ok


@pytest.mark.parametrize("right", ["", "queue", "me"])
async def test_whoever_there_is_for_recycled_leads_is_well(with_object: Room, right: str) -> None:
    word = str(getattr(with_object.org, right)) if right else ""
    assert "queue recycles_to" not in await plan(with_object, recycles_to=word)


async def test_names_are_short_enough_for_a_narrow_terminal(with_object: Room) -> None:
    assert max(map(len, await plan(with_object))) <= len("Lead_Triage_Decision__c")
    names = await found(with_object)
    assert max(map(len, names)) <= 20
    assert [name for name in names if name != name.lower()] == []


async def test_fields_that_may_be_left_out_are_no_fault(with_object: Room) -> None:
    with_object.org.hide("Lead.Triage_Outcome__c")
    check = (await found(with_object))["setup"]
    assert check.ok
    assert "not needed: Triage_Outcome__c" in check.found
    with_object.org.hide("Lead_Triage_Decision__c.Reason__c")
    check = (await found(with_object))["setup"]
    assert not check.ok
    assert "Reason__c" in check.found


async def test_a_doctor_says_where_deadlines_cannot_be_counted_from(with_object: Room) -> None:
    room = with_object
    assert "no deadline" in (await found(room))["assignments"].found
    room.org.reassign(room.org.lead_ids[0])
    assert (await found(room))["assignments"].found == "by the lead history"
    named = Dialect(fields={"assigned_at": "pi__last_activity__c"})
    assert "pi__last_activity__c" in (await found(room, dialect=named))["assignments"].found
