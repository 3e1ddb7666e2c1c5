"""Decisions reach Odoo once, whatever call of a push goes wrong, and change no more of a lead than they have to."""

from __future__ import annotations

import html
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.odoo.conftest import Switchboard
from tests.odoo.server import Odoo, Standing
from tests.tempo import FastTempo, Unhurried
from triage.clock import utc_now
from triage.crm.contract import decision_on, feedback_on
from triage.crm.dialect import Dialect
from triage.crm.odoo import OdooCrm
from triage.crm.odoo.api import Api
from triage.crm.odoo.chatter import marks_on
from triage.crm.odoo.delivering import plans
from triage.domain.act import Act
from triage.domain.item import Item
from triage.domain.lead import Lead, LeadId, LeadStatus, Owner
from triage.domain.outcome import Absent, Already, Applied, Conflicted, Outcome, Refused, RetryLater, Unknown
from triage.errors import BadAnswer, NotSignedIn, RateLimited

ALL_ACTS = (Act.ACCEPT, Act.REJECT, Act.RECYCLE, Act.DISQUALIFY, Act.REROUTE, Act.SNOOZE)
FAULTS = (
    "drop-before",
    "drop-after",
    "502",
    "502-after",
    "500",
    "500-after",
    "409",
    "422",
    "429",
    "401",
    "html",
)
Open = Callable[..., OdooCrm]


@pytest.fixture
async def opened(switchboard: Switchboard) -> AsyncIterator[Open]:
    crms: list[OdooCrm] = []
    plugged: list[Odoo] = []

    def open_on(odoo: Odoo, **more: Any) -> OdooCrm:
        if odoo not in plugged:
            plugged.append(switchboard.plug(odoo))
        options = {"tempo": Unhurried(odoo.tempo), "database": odoo.database, "login": odoo.login} | more
        crms.append(OdooCrm(switchboard.url, options.pop("key", odoo.key), **options))
        return crms[-1]

    yield open_on
    for crm in crms:
        await crm.aclose()
    assert [odoo.broken_rules for odoo in plugged] == [[] for _ in plugged]


@pytest.fixture
def crm(opened: Open, odoo: Odoo) -> OdooCrm:
    return opened(odoo)


def lead(odoo: Odoo, number: int = 0, **more: object) -> Lead:
    mine = {"status": LeadStatus.ASSIGNED, "owner": Owner(str(odoo.me))} | more
    return Lead(LeadId(str(odoo.lead_ids[number])), **mine)  # type: ignore[arg-type]  # a test's shorthand


def decided(odoo: Odoo, act: Act, number: int = 0, **more: Any) -> Item:
    said: dict[str, Any] = {}
    if act is Act.REROUTE:
        said["params"] = {"to": str(odoo.colleague)}
    if act in (Act.REJECT, Act.DISQUALIFY):
        said["reason"] = "NOT_A_BUYER"
    return decision_on(lead(odoo, number), act, **(said | more))


def again(item: Item) -> Item:
    """The item as the outbox sends it a second time."""
    return replace(item, attempts=item.attempts + 2)


async def alone(crm: OdooCrm, item: Item) -> Outcome:
    return (await crm.push([item]))[item.id]


async def settled(crm: OdooCrm, items: Sequence[Item]) -> None:
    """Ask and send again, as sync does, until nothing is in doubt."""
    for _ in range(6):
        left = [again(item) for item in items if isinstance(await crm.verify(item), Absent)]
        if not left:
            return
        await crm.push(left)
    raise AssertionError("something is in doubt for ever")


def stands(odoo: Odoo, act: Act, one: Standing) -> bool:
    """Whether a lead is what an act makes of it."""
    tags = {
        Act.ACCEPT: ("triage: accepted",),
        Act.REJECT: ("triage: rejected",),
        Act.DISQUALIFY: ("triage: disqualified",),
        Act.RECYCLE: ("triage: recycled",),
        Act.SNOOZE: ("triage: snoozed",),
    }
    owner = {Act.RECYCLE: 0, Act.REROUTE: odoo.colleague}.get(act, odoo.me)
    is_lost = act in (Act.REJECT, Act.DISQUALIFY)
    kind = "opportunity" if act is Act.ACCEPT else "lead"
    ours = tuple(tag for tag in one.tags if tag.startswith("triage: "))
    return (one.owner, one.active, one.type, ours) == (owner, not is_lost, kind, tags.get(act, ()))


@pytest.mark.parametrize("act", ALL_ACTS)
async def test_an_act_is_what_odoo_itself_has_for_it_and_a_note_tells_it(
    crm: OdooCrm, odoo: Odoo, act: Act
) -> None:
    item = decided(odoo, act, note="Look <b>here</b>.")
    outcome = await alone(crm, item)
    assert isinstance(outcome, Applied)
    assert stands(odoo, act, odoo.standing(item.lead_id))
    body = odoo.notes_of(item.lead_id)[-1]
    assert f"{act.done.capitalize()} by" in body
    assert "Look &lt;b&gt;here&lt;/b&gt;." in body
    assert odoo.effects() == [(item.id, act.value)]
    if odoo.standing(item.lead_id).owner == odoo.me:
        assert outcome.receipt.owner == Owner(str(odoo.me), "Rhea Rep")
    fetched = {one.lead_id: one async for page in crm.fetch(None) for one in page.leads}
    status = fetched[item.lead_id].status if item.lead_id in fetched else None
    assert status is None or status.value == outcome.receipt.status


async def test_only_rejecting_and_disqualifying_teach_the_scoring(crm: OdooCrm, odoo: Odoo) -> None:
    items = [decided(odoo, act, number) for number, act in enumerate(ALL_ACTS)]
    await crm.push(items)
    taught = {int(item.lead_id) for item in items if item.decision.act in (Act.REJECT, Act.DISQUALIFY)}
    assert {one for one, _as_what in odoo.trained} == taught


async def test_a_lost_lead_has_the_reason_that_is_named_as_ours_or_as_the_profile_says(
    opened: Open, odoo: Odoo
) -> None:
    item, other, unknown = (
        decided(odoo, Act.REJECT, number, reason=reason)
        for number, reason in enumerate(("NOT_A_BUYER", "BAD_DATA", "NO_SUCH_CODE"))
    )
    odoo.add_reason("Student, job seeker, vendor, press")
    crm = opened(odoo, dialect=Dialect(reasons={"reject.BAD_DATA": "too expensive"}))
    await crm.push([item, other, unknown])
    reasons = [odoo.standing(one.lead_id).lost_reason for one in (item, other, unknown)]
    assert [reasons[0].casefold(), reasons[1], reasons[2]] == [
        "student, job seeker, vendor, press",
        "Too expensive",
        "",
    ]


async def test_leads_that_get_the_same_are_written_in_one_call(opened: Open) -> None:
    odoo = Odoo(FastTempo(), set_up=False)
    crm = opened(odoo)
    items = [decided(odoo, Act.REJECT, number) for number in range(10)]
    outcomes = await crm.push(items)
    assert {type(one) for one in outcomes.values()} == {Applied}
    assert odoo.count("crm.lead.action_set_lost") == 1
    assert odoo.count("crm.lead.message_post") == 10


async def test_tags_that_are_missing_are_made_by_the_first_decision(opened: Open) -> None:
    odoo = Odoo(FastTempo(), set_up=False)
    crm = opened(odoo)
    item = decided(odoo, Act.SNOOZE)
    assert isinstance(await alone(crm, item), Applied)
    assert "triage: snoozed" in odoo.standing(item.lead_id).tags
    assert isinstance(await alone(crm, decided(odoo, Act.SNOOZE, 1)), Applied)
    assert odoo.count("crm.tag.create") == 1


@pytest.mark.parametrize("fault", ["drop-before", "drop-after", "422"])
async def test_without_its_tag_no_decision_is_called_done(opened: Open, fault: str) -> None:
    odoo = Odoo(FastTempo(), set_up=False, use_leads=False)
    crm = opened(odoo)
    item = decided(odoo, Act.ACCEPT, 0)
    odoo.strike(fault)
    outcome = await alone(crm, item)
    is_made = "triage: accepted" in odoo.standing(item.lead_id).tags
    assert isinstance(outcome, Applied if is_made else RetryLater)
    assert is_made is (fault == "drop-after")
    assert isinstance(await alone(crm, again(item)), Already if is_made else Applied)
    assert "triage: accepted" in odoo.standing(item.lead_id).tags


@pytest.mark.parametrize(
    ("act", "call"),
    [
        *((Act.ACCEPT, call) for call in range(4)),
        *((act, call) for act in (Act.REJECT, Act.REROUTE) for call in range(3)),
    ],
)
@pytest.mark.parametrize("fault", ["drop-before", "drop-after", "429"])
async def test_whatever_goes_wrong_at_any_call_each_effect_is_there_once_in_the_end(
    crm: OdooCrm, odoo: Odoo, act: Act, fault: str, call: int
) -> None:
    await ends_well(crm, odoo, act, fault, call)


@pytest.mark.soak
@pytest.mark.parametrize(
    "options", [{}, {"set_up": False}, {"version": "17.0"}], ids=["fields", "tags", "17"]
)
@pytest.mark.parametrize("call", range(6))
@pytest.mark.parametrize("act", ALL_ACTS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_the_same_for_all_acts_and_faults_on_both_interfaces(
    opened: Open, act: Act, fault: str, call: int, options: dict[str, Any]
) -> None:
    odoo = Odoo(FastTempo(), **options)
    await ends_well(opened(odoo), odoo, act, fault, call)


async def ends_well(crm: OdooCrm, odoo: Odoo, act: Act, fault: str, call: int) -> None:
    """Play a fault at one call of a push, then ask and send again until all is settled.

    A conversion that stands is not taken back where Odoo refuses the tag after it: its note tells what is.
    """
    may_lack_tag = (fault, act) == ("422", Act.ACCEPT)
    await crm.verify(decided(odoo, act))
    items = [decided(odoo, act, number) for number in range(2)]
    odoo.strike(*[""] * call, fault)
    try:
        outcomes: dict[str, Outcome] = dict(await crm.push(items))
    except (NotSignedIn, RateLimited):
        assert odoo.effects() == []
        outcomes = {item.id: RetryLater("") for item in items}
    sure = {one for one, outcome in outcomes.items() if isinstance(outcome, RetryLater)}
    assert not {one for one, _word in odoo.effects()} & sure
    for item in items:
        if isinstance(outcomes[item.id], RetryLater | Applied):
            is_done = isinstance(outcomes[item.id], Applied)
            assert stands(odoo, act, odoo.standing(item.lead_id)) is is_done or may_lack_tag
    odoo.state.faults.writes.clear()
    refused = {one for one, outcome in outcomes.items() if isinstance(outcome, Refused)}
    assert not refused or fault == "422"
    await settled(crm, items)
    assert sorted(one for one, _word in odoo.effects()) == sorted(item.id for item in items)
    assert may_lack_tag or all(stands(odoo, act, odoo.standing(item.lead_id)) for item in items)


@pytest.mark.parametrize("act", [Act.ACCEPT, Act.REJECT, Act.SNOOZE])
async def test_a_write_whose_answer_was_lost_is_looked_at_and_gone_on_with(
    crm: OdooCrm, odoo: Odoo, act: Act
) -> None:
    item = decided(odoo, act)
    odoo.strike(*[""] * (act is Act.ACCEPT), "drop-after")
    assert isinstance(await alone(crm, item), Applied)
    assert odoo.twice() == []


@pytest.mark.parametrize("act", ALL_ACTS)
@pytest.mark.parametrize("set_up", [True, False], ids=["fields", "tags alone"])
async def test_an_undo_brings_back_what_was_before_though_the_decision_was_interrupted(
    opened: Open, act: Act, set_up: bool
) -> None:
    """By a colleague's standing, for who reroutes a lead does not see it any more."""
    odoo = Odoo(FastTempo(), set_up=set_up)
    crm = opened(odoo, key=odoo.admin_key) if act is Act.REROUTE else opened(odoo)
    if act is Act.REROUTE:
        for number in range(2):
            odoo.reassign(odoo.lead_ids[number], int((await crm.whoami()).user_id))
    owner = Owner((await crm.whoami()).user_id)
    before = [odoo.standing(odoo.lead_ids[number]) for number in range(2)]
    items = [replace(decided(odoo, act, n), base=lead(odoo, n, owner=owner).seen) for n in range(2)]
    first_note = act in plans.LEAVES
    odoo.strike("", *([] if first_note else [""] * (act is Act.ACCEPT)), "drop-before")
    await crm.push(items[:1])
    odoo.state.faults.writes.clear()
    await settled(crm, items)
    undone = [decision_on(lead(odoo, n), Act.RESTORE, of=item.id) for n, item in enumerate(items)]
    outcomes = await crm.push(undone)
    assert [type(outcomes[one.id]) for one in undone] == [Applied, Applied]
    after = [odoo.standing(odoo.lead_ids[number]) for number in range(2)]
    assert [replace_outcome(one) for one in after] == [replace_outcome(one) for one in before]


def replace_outcome(one: Standing) -> tuple[Any, ...]:
    return (one.owner, one.type, one.stage, one.active, one.lost_reason, one.tags)


@pytest.mark.parametrize("fault", ["drop-before", "drop-after", "500-after", "429"])
@pytest.mark.parametrize(
    ("act", "call"),
    [*((Act.ACCEPT, call) for call in range(2)), *((Act.REJECT, call) for call in range(3))],
)
async def test_an_undo_that_is_interrupted_is_brought_to_its_end(
    crm: OdooCrm, odoo: Odoo, act: Act, call: int, fault: str
) -> None:
    before = replace_outcome(odoo.standing(odoo.lead_ids[0]))
    item = decided(odoo, act)
    await alone(crm, item)
    undo = decision_on(lead(odoo), Act.RESTORE, of=item.id)
    odoo.strike(*[""] * call, fault)
    try:
        await crm.push([undo])
    except RateLimited:
        assert call == 0
    odoo.state.faults.writes.clear()
    await settled(crm, [undo])
    assert replace_outcome(odoo.standing(item.lead_id)) == before
    assert odoo.effects() == [(item.id, act.value), (undo.id, "restore")]


@pytest.mark.parametrize("happens", ["reassign", "restage", "archive", "delete"])
async def test_what_somebody_else_did_is_a_conflict_and_nothing_is_written(
    crm: OdooCrm, odoo: Odoo, happens: str
) -> None:
    item = decided(odoo, Act.REJECT)
    if happens == "restage":
        odoo.write(item.lead_id, type="opportunity")
    getattr(odoo, happens)(item.lead_id)
    standing = odoo.standing(item.lead_id)
    outcome = await alone(crm, item)
    assert isinstance(outcome, Conflicted)
    assert outcome.theirs.deleted is (happens == "delete")
    assert outcome.theirs.archived is (happens == "archive")
    assert (odoo.standing(item.lead_id), odoo.effects()) == (standing, [])


async def test_a_change_that_matters_to_nobody_is_no_conflict(crm: OdooCrm, odoo: Odoo) -> None:
    item = decided(odoo, Act.REJECT)
    odoo.retitle(item.lead_id)
    assert isinstance(await alone(crm, item), Applied)


async def test_a_colleague_who_acts_between_our_write_and_the_next_try_is_not_overwritten(
    crm: OdooCrm, odoo: Odoo
) -> None:
    item = decided(odoo, Act.SNOOZE)
    odoo.strike("", "drop-before")
    assert isinstance(await alone(crm, item), Unknown)
    odoo.reassign(item.lead_id)
    assert isinstance(await alone(crm, again(item)), Conflicted)
    assert odoo.standing(item.lead_id).owner == odoo.colleague


async def test_a_rule_of_the_company_is_a_refusal_in_its_words_for_its_lead_alone(
    opened: Open,
) -> None:
    odoo = Odoo(FastTempo(), set_up=False)
    crm = opened(odoo)
    await crm.verify(decided(odoo, Act.REJECT))
    items = [decided(odoo, Act.REJECT, number) for number in range(3)]
    odoo.strike("422", "", "422")
    outcomes = await crm.push(items)
    assert [type(outcomes[item.id]) for item in items] == [Applied, Refused, Applied]
    refused = outcomes[items[1].id]
    assert isinstance(refused, Refused)
    assert refused.messages == ("A rule of this company does not allow that.",)
    assert odoo.standing(items[1].lead_id).active


async def test_a_conversion_whose_tag_odoo_refuses_is_told_as_it_is_and_can_be_taken_back(
    crm: OdooCrm, odoo: Odoo
) -> None:
    item = decided(odoo, Act.ACCEPT)
    odoo.strike("", "", "422")
    outcome = await alone(crm, item)
    assert isinstance(outcome, Applied)
    assert outcome.receipt.status == LeadStatus.OPPORTUNITY.value
    assert "triage: accepted" not in odoo.standing(item.lead_id).tags
    assert "A rule of this company does not allow that." in odoo.notes_of(item.lead_id)[-1]
    assert await alone(crm, again(item)) == Already(outcome.receipt)
    undo = decision_on(lead(odoo), Act.RESTORE, of=item.id)
    assert isinstance(await alone(crm, undo), Applied)
    assert odoo.standing(item.lead_id).type == "lead"


@pytest.mark.parametrize("act", plans.LEAVES)
async def test_a_note_that_went_first_does_not_tell_what_odoo_then_refused(
    crm: OdooCrm, odoo: Odoo, act: Act
) -> None:
    item = decided(odoo, act)
    odoo.strike("", "422")
    assert isinstance(await alone(crm, item), Refused)
    assert (odoo.effects(), odoo.standing(item.lead_id).owner) == ([], odoo.me)
    assert [one.decision_id async for one in crm.decisions()] == []
    assert "A rule of this company does not allow that." in odoo.notes_of(item.lead_id)[-1]
    assert isinstance(await alone(crm, again(item)), Applied)
    assert odoo.effects() == [(item.id, act.value)]


async def test_no_traceback_of_the_server_is_said_to_anybody(crm: OdooCrm, odoo: Odoo) -> None:
    odoo.strike("500")
    outcome = await alone(crm, decided(odoo, Act.REJECT))
    assert "Traceback" not in repr(outcome)


async def test_the_customer_of_a_lead_stays_and_look_alikes_are_not_merged(crm: OdooCrm, odoo: Odoo) -> None:
    address = odoo.row(odoo.lead_ids[0])["email_from"]
    odoo.write(odoo.lead_ids[1], email_from=address)
    customer = odoo.row(odoo.lead_ids[0])["partner_id"]
    assert isinstance(await alone(crm, decided(odoo, Act.ACCEPT)), Applied)
    assert odoo.row(odoo.lead_ids[0])["partner_id"] == customer
    assert odoo.standing(odoo.lead_ids[1]).is_there


async def test_a_customer_is_made_where_the_profile_wants_one(opened: Open, odoo: Odoo) -> None:
    crm = opened(odoo, customer="create")
    odoo.write(odoo.lead_ids[0], partner_id=False)
    await alone(crm, decided(odoo, Act.ACCEPT))
    assert odoo.row(odoo.lead_ids[0])["partner_id"]


async def test_where_everything_is_an_opportunity_a_tag_says_that_it_was_taken(opened: Open) -> None:
    odoo = Odoo(FastTempo(), use_leads=False)
    crm = opened(odoo)
    item = decided(odoo, Act.ACCEPT)
    outcome = await alone(crm, item)
    assert isinstance(outcome, Applied)
    assert outcome.receipt.status == "accepted"
    assert odoo.count("crm.lead2opportunity.partner") == 0
    assert "triage: accepted" in odoo.standing(item.lead_id).tags


async def test_a_stage_that_the_profile_names_is_taken_and_left_again(opened: Open) -> None:
    odoo = Odoo(FastTempo(), use_leads=False)
    crm = opened(odoo, dialect=Dialect(statuses={"accepted": "qualified"}))
    item = decided(odoo, Act.ACCEPT)
    before = odoo.standing(item.lead_id).stage
    assert isinstance(await alone(crm, item), Applied)
    assert odoo.standing(item.lead_id).stage == "Qualified"
    undo = decision_on(lead(odoo), Act.RESTORE, of=item.id)
    assert isinstance(await alone(crm, undo), Applied)
    assert odoo.standing(item.lead_id).stage == before


async def test_a_lead_goes_to_a_team_as_well_and_to_nobody_who_is_not_there(crm: OdooCrm, odoo: Odoo) -> None:
    team = next(one for one in await crm.people() if one.kind == "queue")
    outcome = await alone(crm, decided(odoo, Act.REROUTE, params={"to": team.user_id}))
    assert isinstance(outcome, Applied)
    assert odoo.standing(odoo.lead_ids[0]).owner == 0
    for to in ("", "0", "team-0", "999999", "rep@crm.example"):
        assert isinstance(await alone(crm, decided(odoo, Act.REROUTE, 1, params={"to": to})), Refused)


async def test_an_undo_of_what_nobody_here_has_decided_is_refused(crm: OdooCrm, odoo: Odoo) -> None:
    undo = decision_on(lead(odoo), Act.RESTORE, of="no-such-decision")
    assert isinstance(await alone(crm, undo), Refused)


async def test_an_undo_after_somebody_acted_is_a_conflict(crm: OdooCrm, odoo: Odoo) -> None:
    item = decided(odoo, Act.REJECT)
    await alone(crm, item)
    odoo.restore(item.lead_id)
    assert isinstance(await alone(crm, decision_on(lead(odoo), Act.RESTORE, of=item.id)), Conflicted)


async def test_an_undo_of_a_lead_that_is_out_of_sight_says_so(crm: OdooCrm, odoo: Odoo) -> None:
    item = decided(odoo, Act.REROUTE)
    assert isinstance(await alone(crm, item), Applied)
    undo = decision_on(lead(odoo), Act.RESTORE, of=item.id)
    outcome = await alone(crm, undo)
    assert isinstance(outcome, Refused | Conflicted)
    assert odoo.standing(item.lead_id).owner == odoo.colleague


async def test_several_decisions_of_one_lead_in_one_push_follow_each_other(crm: OdooCrm, odoo: Odoo) -> None:
    first = decided(odoo, Act.SNOOZE)
    snoozed = lead(odoo, status=LeadStatus.SNOOZED)
    second = decision_on(snoozed, Act.ACCEPT)
    outcomes = await crm.push([first, second])
    assert [type(outcomes[one.id]) for one in (first, second)] == [Applied, Applied]
    assert odoo.effects() == [(first.id, "snooze"), (second.id, "accept")]


async def test_what_is_half_done_is_not_touched_while_a_call_may_be_at_work(crm: OdooCrm, odoo: Odoo) -> None:
    item = decided(odoo, Act.SNOOZE)
    odoo.strike("", "drop-before")
    assert isinstance(await alone(crm, item), Unknown)
    fresh = replace(item, changed_at=utc_now())
    assert isinstance(await crm.verify(fresh), Absent)
    assert odoo.effects() == []
    assert isinstance(await crm.verify(replace(item, changed_at=utc_now() - timedelta(minutes=2))), Already)


async def test_half_a_decision_that_cannot_be_ended_is_said_to_be_unknown(crm: OdooCrm, odoo: Odoo) -> None:
    item = decided(odoo, Act.SNOOZE)
    odoo.strike("", "drop-before", "drop-before")
    assert isinstance(await alone(crm, item), Unknown)
    with pytest.raises(BadAnswer, match="half"):
        await crm.verify(item)


async def test_feedback_is_a_note_and_nothing_else(crm: OdooCrm, odoo: Odoo) -> None:
    before = odoo.standing(odoo.lead_ids[0])
    items = [feedback_on(lead(odoo), "One."), feedback_on(lead(odoo), "Two.")]
    outcomes = await crm.push(items)
    assert {type(one) for one in outcomes.values()} == {Applied}
    assert odoo.standing(odoo.lead_ids[0]) == before
    assert odoo.count("crm.lead.write") == 0
    odoo.delete(odoo.lead_ids[1])
    outcome = await alone(crm, feedback_on(lead(odoo, 1)))
    assert isinstance(outcome, Conflicted)
    assert outcome.theirs.deleted


async def test_the_record_says_all_whatever_odoo_makes_of_the_markup(crm: OdooCrm, odoo: Odoo) -> None:
    words = "[triage:other accept] <script>alert(1)</script> \u202e漢字 \ud800"
    item = decided(odoo, Act.REJECT, note=words)
    await alone(crm, item)
    async with _api(crm) as api:
        (mark,) = (await marks_on(api, [item.lead_id]))[item.lead_id]
    assert (mark.item_id, mark.word, mark.item.text("note")) == (item.id, "reject", words)
    assert html.escape("<script>") in odoo.notes_of(item.lead_id)[-1]


async def test_fields_of_another_type_than_ours_are_left_alone(opened: Open) -> None:
    odoo = Odoo(FastTempo(), set_up=False)
    lead_model = next(
        row["id"] for row in odoo.state.tables.models["ir.model"].rows.values() if row["model"] == "crm.lead"
    )
    odoo.ask_of("ir.model.fields", name="x_triage_outcome", model_id=lead_model, ttype="integer")
    crm = opened(odoo)
    assert isinstance(await alone(crm, decided(odoo, Act.REJECT)), Applied)


async def test_no_key_may_write_what_no_key_may_write(crm: OdooCrm, odoo: Odoo) -> None:
    """A call that Odoo forbids is refused in its words, and the rest goes on."""
    odoo.forbid("crm.lead", "action_set_lost")
    outcomes = await crm.push([decided(odoo, Act.REJECT), decided(odoo, Act.SNOOZE, 1)])
    assert sorted(type(one).__name__ for one in outcomes.values()) == ["Applied", "Refused"]


# The checker sees what it is for


async def test_without_the_second_look_for_a_note_an_effect_would_come_twice(
    crm: OdooCrm, odoo: Odoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_arguments: object) -> list[object]:
        return []

    item = decided(odoo, Act.SNOOZE)
    await alone(crm, item)
    monkeypatch.setattr("triage.crm.odoo.delivering.deciding.notes_of", nothing)
    await alone(crm, again(item))
    assert odoo.twice() == [item.id]


class _api:  # noqa: N801 - a context of one line
    """The calls of an adapter, without its rooms."""

    def __init__(self, crm: OdooCrm) -> None:
        self._api: Api = crm._api

    async def __aenter__(self) -> Api:
        return self._api

    async def __aexit__(self, *_exception: object) -> None:
        return None
