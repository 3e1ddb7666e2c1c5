"""Decisions reach BottleCRM once, each with one comment, whatever request of a push goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.bottlecrm.conftest import Switchboard
from tests.bottlecrm.shop import Shop
from tests.bottlecrm.world import not_told_once
from tests.tempo import FastTempo
from triage.clock import new_id, utc_now
from triage.crm.bottlecrm.adapter import BottleCrm
from triage.crm.bottlecrm.delivering import comments
from triage.crm.bottlecrm.delivering.standing import HIDDEN, Standing
from triage.crm.contract import AWKWARD, decision_on, feedback_on
from triage.crm.dialect import Dialect
from triage.domain.act import Act
from triage.domain.conflict import obstacle, what_others_did
from triage.domain.item import Item, State
from triage.domain.lead import Lead, LeadId, LeadStatus, Owner, Seen
from triage.domain.outcome import (
    Absent,
    Already,
    Applied,
    Conflicted,
    Outcome,
    Refused,
    RetryLater,
    Unknown,
)
from triage.errors import AnswerLost, NotPermitted, NotSignedIn, RateLimited

CONVERTS = Dialect(statuses={"accepted": "converted"})


@pytest.fixture
async def crm(switchboard: Switchboard, shop: Shop) -> AsyncIterator[BottleCrm]:
    made = opened(switchboard, shop)
    yield made
    await made.aclose()
    assert shop.broken_rules == []
    assert shop.twice() == []


@pytest.fixture
async def converting(switchboard: Switchboard, shop: Shop) -> AsyncIterator[BottleCrm]:
    """Accepting makes an opportunity of a lead here."""
    made = opened(switchboard, shop, dialect=CONVERTS)
    yield made
    await made.aclose()
    assert shop.broken_rules == []


def opened(switchboard: Switchboard, shop: Shop, **options: Any) -> BottleCrm:
    return BottleCrm(switchboard.url, shop.token, **{"tempo": FastTempo(), **options})


def lead(shop: Shop, number: int = 0, **more: Any) -> Lead:
    return Lead(
        LeadId(shop.lead_ids[number]), **{"status": LeadStatus.ASSIGNED, "owner": Owner(shop.me), **more}
    )


async def pushed(crm: BottleCrm, item: Item) -> Outcome:
    return (await crm.push([item]))[item.id]


async def effects_of(crm: BottleCrm, items: Sequence[Item]) -> dict[str, Outcome]:
    return dict(await crm.push(items))


# One write, and its comment


@pytest.mark.parametrize(
    ("act", "status", "decision"),
    [
        (Act.ACCEPT, "in process", "accepted"),
        (Act.REJECT, "closed", "rejected"),
        (Act.RECYCLE, "recycled", "recycled"),
        (Act.DISQUALIFY, "closed", "disqualified"),
        (Act.SNOOZE, "assigned", "snoozed"),
    ],
)
async def test_an_act_is_a_status_and_a_word_in_one_write(
    crm: BottleCrm, shop: Shop, act: Act, status: str, decision: str
) -> None:
    item = decision_on(lead(shop), act, reason="NO_NEED", params={"until": "2031-02-03"})
    assert isinstance(await pushed(crm, item), Applied)
    standing = shop.standing(item.lead_id)
    assert (standing.status, standing.decision, standing.reason) == (status, decision, "NO_NEED")
    assert shop.custom(item.lead_id, "triage_decision_key") == item.id
    slept_until = "2031-02-03" if act in (Act.SNOOZE, Act.RECYCLE) else None
    assert shop.custom(item.lead_id, "triage_wake_at") == slept_until
    assert (shop.count("PATCH "), shop.count("POST "), shop.count("PUT ")) == (1, 1, 0)
    assert not_told_once(shop) == []


async def test_the_comment_says_who_did_what_and_why_and_ends_with_the_marker(
    crm: BottleCrm, shop: Shop
) -> None:
    item = decision_on(lead(shop), Act.REJECT, reason="COMPETITOR", note=AWKWARD)
    await pushed(crm, item)
    (comment,) = shop.comments_at(item.lead_id)
    first, second, *_, last = comment.split("\n")
    assert (first, second, last) == ("Rejected by rep", "COMPETITOR", f"[triage:{item.id} reject]")
    assert "\x1b" not in comment
    assert "\ud800" not in comment
    (entry,) = shop.log_of(item.lead_id)
    assert entry["record"]["item"]["note"] == AWKWARD


async def test_a_long_note_is_cut_in_the_comment_and_whole_in_the_log(crm: BottleCrm, shop: Shop) -> None:
    item = decision_on(lead(shop), note="word " * 4_000)
    assert isinstance(await pushed(crm, item), Applied)
    (comment,) = shop.comments_at(item.lead_id)
    assert len(comment) < 10_000
    assert shop.log_of(item.lead_id)[0]["record"]["item"]["note"] == "word " * 4_000


async def test_the_receipt_is_the_lead_as_the_decision_left_it(crm: BottleCrm, shop: Shop) -> None:
    item = decision_on(lead(shop), Act.RECYCLE, reason="EARLY_RESEARCH")
    outcome = await pushed(crm, item)
    assert isinstance(outcome, Applied)
    assert outcome.receipt.receipt_id == f"{item.lead_id}:{item.id}"
    assert (outcome.receipt.status, outcome.receipt.owner) == ("recycled", Owner(shop.me, "rep"))


async def test_feedback_changes_no_status_and_is_told_in_a_comment(crm: BottleCrm, shop: Shop) -> None:
    item = feedback_on(lead(shop))
    assert isinstance(await pushed(crm, item), Applied)
    assert shop.standing(item.lead_id).status == "assigned"
    assert shop.custom(item.lead_id, "triage_feedback").startswith("note\ntext: They asked")
    assert "Feedback by rep: note" in shop.comments_at(item.lead_id)[0]
    assert not_told_once(shop) == []


async def test_an_organisations_own_dropdown_of_reasons_is_filled_too(
    switchboard: Switchboard, shop: Shop
) -> None:
    dialect = Dialect(fields={"reason": "triage_feedback"}, reasons={"NO_NEED": "not interested"})
    crm = opened(switchboard, shop, dialect=dialect)
    await pushed(crm, decision_on(lead(shop), Act.REJECT, reason="NO_NEED"))
    assert shop.custom(shop.lead_ids[0], "triage_feedback") == "not interested"
    await crm.aclose()


# Fields that are not there


async def test_without_triages_fields_nothing_is_written_and_setup_is_named(
    crm: BottleCrm, shop: Shop
) -> None:
    shop.drop_field("triage_log")
    with pytest.raises(NotPermitted) as caught:
        await crm.push([decision_on(lead(shop))])
    assert "triage setup" in caught.value.hint
    assert "triage_log" in caught.value.hint
    assert (shop.count("PATCH "), shop.count("POST ")) == (0, 0)


async def test_a_decision_that_the_dropdown_does_not_have_is_not_written_either(
    crm: BottleCrm, shop: Shop
) -> None:
    shop.narrow("triage_decision", "accepted")
    with pytest.raises(NotPermitted, match="fields yet"):
        await crm.push([decision_on(lead(shop))])
    assert shop.count("PATCH ") == 0


async def test_a_field_or_a_reason_that_is_missing_is_left_out(crm: BottleCrm, shop: Shop) -> None:
    shop.drop_field("triage_wake_at", "triage_feedback")
    shop.narrow("triage_reason", "OTHER")
    first = decision_on(lead(shop), Act.REJECT, reason="OTHER", note="Words.")
    assert isinstance(await pushed(crm, first), Applied)
    back = decision_on(lead(shop), Act.RESTORE, of=first.id)
    assert isinstance(await pushed(crm, back), Applied)
    item = decision_on(lead(shop), Act.REJECT, reason="NO_NEED")
    assert isinstance(await pushed(crm, item), Applied)
    assert shop.custom(item.lead_id, "triage_reason") is None


# Doubt


@pytest.mark.parametrize("make", [decision_on, feedback_on], ids=["decision", "feedback"])
@pytest.mark.parametrize(
    "faults",
    [("drop-after",), ("500-after",), ("html",), ("", "drop-before"), ("", "drop-after"), ("", "500-after")],
    ids=str,
)
async def test_what_is_in_doubt_is_unknown_then_already_with_one_comment(
    crm: BottleCrm, shop: Shop, make: Any, faults: tuple[str, ...]
) -> None:
    item = make(lead(shop))
    shop.strike(*faults)
    assert isinstance(await pushed(crm, item), Unknown)
    verdict = await crm.verify(item)
    assert isinstance(verdict, Already)
    assert await pushed(crm, item) == verdict
    assert shop.effects() == [(item.id, "accept" if item.decision else "note")]
    assert not_told_once(shop) == []


@pytest.mark.parametrize("fault", ["drop-before", "500-before"])
async def test_a_write_that_never_arrived_is_unknown_then_absent(
    crm: BottleCrm, shop: Shop, fault: str
) -> None:
    item = decision_on(lead(shop))
    shop.strike(fault)
    assert isinstance(await pushed(crm, item), Unknown)
    assert await crm.verify(item) == Absent()
    assert isinstance(await pushed(crm, item), Applied)
    assert not_told_once(shop) == []


async def test_an_answer_lost_between_effect_and_comment_is_made_good_by_the_next_push_too(
    crm: BottleCrm, shop: Shop
) -> None:
    item = decision_on(lead(shop))
    shop.strike("drop-after")
    await pushed(crm, item)
    assert shop.comments_of(item.id) == 0
    assert isinstance(await pushed(crm, item), Already)
    assert not_told_once(shop) == []


async def test_a_comment_that_may_still_be_on_its_way_is_not_written_again_within_a_minute(
    crm: BottleCrm, shop: Shop
) -> None:
    item = decision_on(lead(shop))
    shop.strike("", "drop-before")
    await pushed(crm, item)
    assert await crm.verify(replace(item, changed_at=utc_now())) == Absent()
    assert shop.comments_of(item.id) == 0
    later = replace(item, changed_at=utc_now() - timedelta(minutes=2))
    assert isinstance(await crm.verify(later), Already)
    assert not_told_once(shop) == []


async def test_who_writes_the_lead_at_the_same_moment_and_wins_leaves_a_doubt(
    crm: BottleCrm, shop: Shop
) -> None:
    item = decision_on(lead(shop))
    shop.overwrite(item.lead_id)
    outcome = await pushed(crm, item)
    assert isinstance(outcome, Unknown)
    assert "same time" in outcome.why
    assert await crm.verify(item) == Absent()
    assert isinstance(await pushed(crm, item), Applied)
    assert shop.effects() == [(item.id, "accept")]
    assert not_told_once(shop) == []


async def test_who_wins_again_leaves_a_doubt_again_though_the_comment_stands(
    crm: BottleCrm, shop: Shop
) -> None:
    item = decision_on(lead(shop))
    for _ in range(2):
        shop.overwrite(item.lead_id)
        assert isinstance(await pushed(crm, item), Unknown)
        assert shop.comments_of(item.id) == 1
        assert await crm.verify(item) == Absent()
    assert isinstance(await pushed(crm, item), Applied)
    assert not_told_once(shop) == []


async def test_a_colleague_who_had_read_a_shared_lead_and_writes_it_after_us_leaves_a_doubt(
    crm: BottleCrm, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = crm._api.comment

    async def then_overwritten(lead_id: str, text: str) -> dict[str, Any]:
        answer = await real(lead_id, text)
        shop.write(lead_id, custom_fields={"triage_log": None})
        return answer

    shop.state.leads[shop.lead_ids[0]].assigned = {shop.me, shop.colleague}
    monkeypatch.setattr(crm._api, "comment", then_overwritten)
    item = decision_on(lead(shop), Act.SNOOZE, params={"until": "2031-02-03"})
    assert isinstance(await pushed(crm, item), Unknown)
    assert await crm.verify(item) == Absent()


async def test_a_lead_taken_right_after_the_write_is_applied_without_its_comment(
    crm: BottleCrm, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = crm._api.comment

    async def taken_first(lead_id: str, text: str) -> dict[str, Any]:
        shop.reassign(lead_id)
        return await real(lead_id, text)

    monkeypatch.setattr(crm._api, "comment", taken_first)
    assert isinstance(await pushed(crm, decision_on(lead(shop))), Applied)


# What concerns all


async def test_an_expired_token_and_a_pause_are_raised_while_nothing_is_written(
    crm: BottleCrm, shop: Shop
) -> None:
    shop.strike("403-expired", "429")
    with pytest.raises(NotSignedIn):
        await crm.push([decision_on(lead(shop))])
    with pytest.raises(RateLimited) as caught:
        await crm.push([decision_on(lead(shop))])
    assert caught.value.retry_after == 59
    assert shop.effects() == []


async def test_once_something_is_written_the_rest_waits(crm: BottleCrm, shop: Shop) -> None:
    items = [decision_on(lead(shop, number)) for number in range(4)]
    shop.strike("", "", "403-expired")
    outcomes = await effects_of(crm, items)
    assert [type(outcomes[item.id]) for item in items] == [Applied, RetryLater, RetryLater, RetryLater]
    assert len(shop.effects()) == 1


async def test_a_comment_refused_to_an_expired_token_is_no_reason_to_send_the_decision_again(
    crm: BottleCrm, shop: Shop
) -> None:
    item = decision_on(lead(shop))
    shop.strike("", "403-expired")
    assert isinstance(await pushed(crm, item), Unknown)
    assert isinstance(await crm.verify(item), Already)
    assert not_told_once(shop) == []


async def test_a_token_that_may_not_write_is_told_which_scope_it_needs(
    switchboard: Switchboard, shop: Shop
) -> None:
    token = shop.scoped("leads:read", "profile:read", "org:read", "custom-fields:read")
    crm = BottleCrm(switchboard.url, token, tempo=FastTempo())
    with pytest.raises(NotPermitted, match="leads:write"):
        await crm.push([decision_on(lead(shop))])
    await crm.aclose()


# Others at work


async def test_a_lead_out_of_sight_is_a_conflict_in_honest_words(crm: BottleCrm, shop: Shop) -> None:
    item = decision_on(lead(shop))
    shop.reassign(item.lead_id)
    outcome = await pushed(crm, item)
    assert isinstance(outcome, Conflicted)
    said = what_others_did(item, outcome.theirs)
    assert said == "Someone gave the lead to someone else, or it was deleted"
    assert outcome == await crm.verify(item)
    kept = replace(item, base=outcome.theirs.seen)
    assert isinstance(await pushed(crm, kept), Refused)
    assert obstacle(replace(item, state=State.CONFLICT, theirs=outcome.theirs)) is None


async def test_a_lead_that_comes_back_into_sight_is_compared_again(crm: BottleCrm, shop: Shop) -> None:
    item = replace(decision_on(lead(shop)), base=Seen(HIDDEN.user_id, "", ""))
    outcome = await pushed(crm, item)
    assert isinstance(outcome, Conflicted)
    assert outcome.theirs.owner == Owner(shop.me, "rep")
    kept = replace(item, base=outcome.theirs.seen)
    assert isinstance(await pushed(crm, kept), Applied)


@pytest.mark.parametrize("judged", [True, False], ids=["before our look", "between look and write"])
async def test_a_lead_that_a_colleague_takes_meanwhile_is_not_written(
    crm: BottleCrm, shop: Shop, judged: bool
) -> None:
    item = decision_on(lead(shop))
    shop.take_while_writing(item.lead_id, judged=judged)
    assert isinstance(await pushed(crm, item), Conflicted)
    assert shop.effects() == []


async def test_another_status_is_a_conflict_and_a_changed_title_is_none(crm: BottleCrm, shop: Shop) -> None:
    shop.restatus(shop.lead_ids[0])
    shop.retitle(shop.lead_ids[1])
    first, second = decision_on(lead(shop)), decision_on(lead(shop, 1))
    outcomes = await effects_of(crm, [first, second])
    conflict = outcomes[first.id]
    assert isinstance(conflict, Conflicted)
    assert conflict.theirs.status == "working"
    assert isinstance(outcomes[second.id], Applied)


async def test_a_lead_still_in_sight_that_is_somebody_elses_is_a_conflict_with_their_name(
    switchboard: Switchboard, shop: Shop
) -> None:
    crm = BottleCrm(switchboard.url, shop.admin_token, tempo=FastTempo())
    item = decision_on(lead(shop, owner=Owner(shop.admin)))
    outcome = await pushed(crm, item)
    assert isinstance(outcome, Conflicted)
    assert outcome.theirs.owner == Owner(shop.me, "rep")
    kept = replace(item, base=outcome.theirs.seen)
    assert await pushed(crm, kept) == Refused(("The lead has another owner.",))
    assert shop.effects() == []
    await crm.aclose()


async def test_a_lead_of_several_is_decided_by_each_of_them(crm: BottleCrm, shop: Shop) -> None:
    shop.state.leads[shop.lead_ids[0]].assigned = {shop.me, shop.colleague}
    assert isinstance(await pushed(crm, decision_on(lead(shop))), Applied)


async def test_a_lead_that_has_woken_since_it_was_seen_is_no_conflict(crm: BottleCrm, shop: Shop) -> None:
    assert isinstance(await pushed(crm, decision_on(lead(shop, status=LeadStatus.SNOOZED))), Applied)


# Rerouting


async def test_a_reroute_is_told_before_it_takes_the_lead_out_of_sight(crm: BottleCrm, shop: Shop) -> None:
    item = decision_on(lead(shop), Act.REROUTE, params={"to": shop.colleague})
    outcome = await pushed(crm, item)
    assert isinstance(outcome, Applied)
    assert outcome.receipt.owner == Owner(shop.colleague, "rep2@shop.example")
    assert shop.standing(item.lead_id).owners == (shop.colleague,)
    assert "to: rep2@shop.example" in shop.comments_at(item.lead_id)[0]
    assert not_told_once(shop) == []
    assert "reroute" in (await crm.capabilities()).final


@pytest.mark.parametrize("answers", [True, False])
async def test_a_reroute_that_stopped_before_the_owner_was_written_is_sent_again(
    crm: BottleCrm, shop: Shop, monkeypatch: pytest.MonkeyPatch, answers: bool
) -> None:
    """BottleCRM writes the fields of a lead first and its owners after that, in no transaction."""
    real = crm._api.patch

    async def stopped(path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await real(path, {name: value for name, value in body.items() if name != "assigned_to"})
        if answers:
            return answer
        raise AnswerLost("BottleCRM was stopped.")

    item = decision_on(lead(shop), Act.REROUTE, params={"to": shop.colleague})
    monkeypatch.setattr(crm._api, "patch", stopped)
    assert isinstance(await pushed(crm, item), Unknown)
    monkeypatch.undo()
    assert await crm.verify(item) == Absent()
    assert isinstance(await pushed(crm, item), Applied)
    assert shop.standing(item.lead_id).owners == (shop.colleague,)
    assert not_told_once(shop) == []


async def test_a_reroute_to_nobody_is_refused_before_bottlecrm_gives_the_lead_to_nobody(
    crm: BottleCrm, shop: Shop
) -> None:
    item = decision_on(lead(shop), Act.REROUTE, params={"to": new_id()})
    assert isinstance(await pushed(crm, item), Refused)
    assert shop.standing(item.lead_id).owners == (shop.me,)
    assert shop.count("PATCH ") == 0


async def test_a_lead_that_was_given_back_is_not_rerouted_again(
    crm: BottleCrm, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = decision_on(lead(shop), Act.REROUTE, params={"to": shop.colleague})
    await pushed(crm, item)
    shop.reassign(item.lead_id, shop.me)
    monkeypatch.setattr(shop.state.leads[item.lead_id], "updated", utc_now() + timedelta(hours=1))
    assert isinstance(await pushed(crm, item), Already)
    assert shop.standing(item.lead_id).owners == (shop.me,)


@pytest.mark.parametrize("faults", [("drop-after",), ("", "drop-before"), ("", "500-before")], ids=str)
async def test_a_reroute_that_was_lost_is_told_once_and_made_good(
    crm: BottleCrm, shop: Shop, faults: tuple[str, ...]
) -> None:
    item = decision_on(lead(shop), Act.REROUTE, params={"to": shop.colleague})
    shop.strike(*faults)
    assert isinstance(await pushed(crm, item), Unknown)
    assert await crm.verify(item) == Absent()
    assert isinstance(await pushed(crm, item), Applied)
    assert shop.standing(item.lead_id).owners == (shop.colleague,)
    assert not_told_once(shop) == []


async def test_a_lead_gone_after_our_own_reroute_is_what_was_wanted(
    crm: BottleCrm, switchboard: Switchboard, shop: Shop
) -> None:
    item = decision_on(lead(shop), Act.REROUTE, params={"to": shop.colleague})
    shop.strike("", "drop-after")
    assert isinstance(await pushed(crm, item), Unknown)
    verdict = await crm.verify(item)
    assert isinstance(verdict, Already)
    assert verdict.receipt.owner == Owner(shop.colleague, "rep2@shop.example")
    later = opened(switchboard, shop)
    assert isinstance(await later.verify(item), Conflicted), "another process cannot know who took it"
    await later.aclose()


# Converting


async def test_accepting_converts_where_the_profile_says_so_and_the_rep_is_asked_first(
    converting: BottleCrm, shop: Shop
) -> None:
    item = decision_on(lead(shop))
    outcome = await pushed(converting, item)
    assert isinstance(outcome, Applied)
    assert outcome.receipt.status == "accepted"
    assert shop.standing(item.lead_id).status == "converted"
    assert "accept" in (await converting.capabilities()).final
    assert await pushed(converting, item) == Already(outcome.receipt)
    assert not_told_once(shop) == []


async def test_a_conversion_that_answered_500_after_its_effect_is_not_made_twice(
    converting: BottleCrm, shop: Shop
) -> None:
    item = decision_on(lead(shop))
    shop.strike("500-after")
    assert isinstance(await pushed(converting, item), Unknown)
    assert isinstance(await converting.verify(item), Already)
    assert shop.count("PATCH ") == 1
    assert not_told_once(shop) == []


async def test_a_lead_without_an_address_is_not_converted_and_bottlecrm_says_why(
    converting: BottleCrm, shop: Shop
) -> None:
    number = len(shop.lead_ids)
    shop.lead_ids.append(shop.add_lead(number, email=None))
    outcome = await pushed(converting, decision_on(lead(shop, number)))
    assert isinstance(outcome, Refused)
    assert "email" in outcome.messages[0]
    assert shop.effects() == []


async def test_a_conversion_cannot_be_taken_back(converting: BottleCrm, shop: Shop) -> None:
    item = decision_on(lead(shop))
    await pushed(converting, item)
    outcome = await pushed(converting, decision_on(lead(shop), Act.RESTORE, of=item.id))
    assert isinstance(outcome, Refused)
    assert "converted" in outcome.messages[0]


async def test_what_was_told_before_a_conversion_is_not_told_again_behind_it(
    converting: BottleCrm, shop: Shop
) -> None:
    told = feedback_on(lead(shop))
    await pushed(converting, told)
    await pushed(converting, decision_on(lead(shop)))
    assert isinstance(await converting.verify(told), Already)
    assert not_told_once(shop) == []


async def test_a_lead_that_somebody_converts_between_look_and_write_is_a_conflict(
    converting: BottleCrm, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = converting._api.patch

    async def converted_first(path: str, body: object) -> dict[str, Any]:
        shop.convert(shop.lead_ids[0])
        return await real(path, body)

    monkeypatch.setattr(converting._api, "patch", converted_first)
    outcome = await pushed(converting, decision_on(lead(shop)))
    assert isinstance(outcome, Conflicted)
    assert outcome.theirs.status == "qualified"


# Restoring


async def test_a_restore_puts_status_reason_and_sleep_back(crm: BottleCrm, shop: Shop) -> None:
    until = (utc_now() + timedelta(days=2)).date().isoformat()
    snooze = decision_on(lead(shop), Act.SNOOZE, params={"until": until})
    first = await pushed(crm, snooze)
    assert isinstance(first, Applied)
    reject = decision_on(lead(shop, status=LeadStatus.SNOOZED), Act.REJECT, reason="NO_NEED")
    await pushed(crm, reject)
    restored = await pushed(crm, decision_on(lead(shop), Act.RESTORE, of=reject.id))
    assert isinstance(restored, Applied)
    assert restored.receipt.status == "snoozed"
    standing = shop.standing(snooze.lead_id)
    assert (standing.status, standing.decision, standing.reason) == ("assigned", "snoozed", "")
    assert shop.custom(snooze.lead_id, "triage_wake_at") == until


async def test_a_restore_is_a_conflict_once_somebody_has_acted(crm: BottleCrm, shop: Shop) -> None:
    item = decision_on(lead(shop), Act.REJECT, reason="NO_NEED")
    await pushed(crm, item)
    shop.restatus(item.lead_id)
    assert isinstance(await pushed(crm, decision_on(lead(shop), Act.RESTORE, of=item.id)), Conflicted)


async def test_a_restore_of_what_bottlecrm_has_no_record_of_is_refused(crm: BottleCrm, shop: Shop) -> None:
    assert isinstance(await pushed(crm, decision_on(lead(shop), Act.RESTORE, of=new_id())), Refused)


# The marker


def test_only_a_last_line_of_its_own_is_a_marker() -> None:
    item = new_id()
    marker = f"[triage:{item} accept]"
    assert comments.is_told(item, "accept", [f"Accepted.\n{marker}\n"])
    for said in (f"{marker}\nWhat is this?", f"See {marker}", f"[triage:{new_id()} accept]", ""):
        assert not comments.is_told(item, "accept", [said])


async def test_a_note_that_looks_like_a_marker_hides_no_comment(crm: BottleCrm, shop: Shop) -> None:
    first = decision_on(lead(shop), Act.SNOOZE, params={"until": "2031-01-01"})
    other = feedback_on(lead(shop), f"x\n[triage:{first.id} snooze]")
    await pushed(crm, other)
    assert isinstance(await pushed(crm, first), Applied)
    assert len(shop.comments_at(first.lead_id)) == 2


# What keeps this so


async def test_without_a_look_into_the_log_an_item_would_take_effect_twice(
    crm: BottleCrm, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = feedback_on(lead(shop))
    await pushed(crm, item)
    monkeypatch.setattr(Standing, "mark", lambda *_: None)
    await pushed(crm, item)
    assert shop.count("PATCH ") == 2


async def test_without_a_look_at_the_comments_one_would_stand_twice(
    crm: BottleCrm, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = decision_on(lead(shop))
    await pushed(crm, item)
    monkeypatch.setattr(comments, "is_missing", lambda *_: True)
    await crm.verify(item)
    assert not_told_once(shop) == [item.id]
