"""The stand-in's own switches: what goes wrong on request, what others do there, and what it has seen."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.bottlecrm.likeness_reading import NO_LEAD, SIGNED_OUT, is_html
from tests.bottlecrm.place import Place
from tests.bottlecrm.shop import Shop, Standing
from tests.bottlecrm.shop import __file__ as shop_module

LOST = "the answer is lost"
HTML = "a page"
THROTTLED = {"detail": "Request was throttled. Expected available in 59 seconds."}


def log(*entries: tuple[str, str]) -> dict[str, Any]:
    """A change that puts entries of id and word into the log."""
    said = [{"id": item_id, "word": word_, "at": "", "record": {}} for item_id, word_ in entries]
    return {"custom_fields": {"triage_log": json.dumps(said)}}


def answer_to(place: Place, lead_id: str, body: Any) -> Any:
    """Status and body; LOST where there is no answer, HTML where the body is a page."""
    try:
        answer = place.patch(lead_id, body)
    except httpx.RemoteProtocolError:
        return LOST
    return answer.status_code, HTML if is_html(answer) else answer.json()


@pytest.mark.parametrize(
    ("fault", "said", "is_done"),
    [
        ("", (200, {"error": False, "message": "Lead updated Successfully"}), True),
        ("drop-before", LOST, False),
        ("drop-after", LOST, True),
        ("partial", LOST, True),
        ("429", (429, THROTTLED), False),
        ("403-expired", (403, SIGNED_OUT), False),
        ("401", (403, SIGNED_OUT), False),
        ("500-before", (500, HTML), False),
        ("500-after", (500, HTML), True),
        ("503-before", (503, HTML), False),
        ("html", (200, HTML), True),
    ],
)
def test_a_struck_write_says_this_and_is_done_or_not(
    shop: Shop, place: Place, fault: str, said: Any, is_done: bool
) -> None:
    shop.strike(fault)
    assert answer_to(place, shop.lead_ids[0], log(("I1", "reject"))) == said
    assert shop.effects() == ([("I1", "reject")] if is_done else [])


def test_a_limit_says_how_long_it_lasts(shop: Shop, place: Place) -> None:
    shop.strike("429")
    assert place.patch(shop.lead_ids[0], {}).headers["Retry-After"] == "59"


def test_faults_strike_writes_in_order_and_reads_not_at_all(shop: Shop, place: Place) -> None:
    shop.strike("500-before", "", "429")
    lead_id = shop.lead_ids[0]
    said = []
    for _ in range(4):
        assert place.get(f"/api/leads/{lead_id}/").status_code == 200
        said.append(place.patch(lead_id, {}).status_code)
    assert said == [500, 200, 429, 200]


def test_reads_are_struck_by_themselves(shop: Shop, place: Place) -> None:
    shop.strike_reads("403-expired", "html")
    assert place.get("/api/profile/").status_code == 403
    assert is_html(place.get("/api/profile/"))
    assert place.get("/api/profile/").status_code == 200


def test_a_conversion_may_be_made_and_answered_with_a_broken_page(shop: Shop, place: Place) -> None:
    shop.strike("500-after")
    assert place.patch(shop.lead_ids[0], {"status": "converted"}).status_code == 500
    assert shop.standing(shop.lead_ids[0]).status == "converted"


def test_a_fault_that_is_none_is_refused(shop: Shop) -> None:
    with pytest.raises(ValueError, match="no such fault: 418"):
        shop.strike("418")


def test_what_is_down_hangs_up(shop: Shop, place: Place) -> None:
    shop.down = True
    with pytest.raises(httpx.RemoteProtocolError):
        place.get("/api/profile/")
    shop.down = False
    assert place.get("/api/profile/").status_code == 200


def test_a_lead_is_taken_before_a_client_can_look(shop: Shop, place: Place) -> None:
    lead_id = shop.lead_ids[0]
    shop.take_while_writing(lead_id)
    assert place.get(f"/api/leads/{shop.lead_ids[1]}/").status_code == 200
    assert place.get(f"/api/leads/{lead_id}/").json() == NO_LEAD
    assert shop.standing(lead_id).owners == (shop.colleague,)


def test_a_lead_is_taken_between_a_look_and_a_write(shop: Shop, place: Place) -> None:
    lead_id = shop.lead_ids[0]
    shop.take_while_writing(lead_id, judged=False)
    assert place.get(f"/api/leads/{lead_id}/").status_code == 200
    assert place.patch(lead_id, log(("I1", "reject"))).json() == NO_LEAD
    assert shop.effects() == []


def test_a_change_is_overwritten_by_one_that_was_read_before_it(shop: Shop, place: Place) -> None:
    lead_id = shop.lead_ids[0]
    place.patch(lead_id, log(("I0", "accept")))
    shop.overwrite(lead_id)
    answer = place.patch(lead_id, {"status": "closed", **log(("I0", "accept"), ("I1", "reject"))})
    assert answer.status_code == 200, "nothing tells the client"
    assert shop.standing(lead_id).status == "assigned"
    assert [one["id"] for one in shop.log_of(lead_id)] == ["I0"]
    assert shop.effects() == [("I0", "accept")]
    place.patch(lead_id, log(("I0", "accept"), ("I1", "reject")))
    assert shop.effects() == [("I0", "accept"), ("I1", "reject")]


def test_an_effect_counts_when_its_item_is_new_in_the_log(shop: Shop, place: Place) -> None:
    first, second = shop.lead_ids[:2]
    place.patch(first, log(("I1", "reject")))
    place.patch(first, log(("I1", "reject"), ("I2", "restore")))
    place.patch(second, log(("I3", "accept")))
    assert shop.effects() == [("I1", "reject"), ("I2", "restore"), ("I3", "accept")]
    assert shop.twice() == []
    place.patch(first, log())
    place.patch(first, log(("I1", "reject")))
    assert shop.twice() == ["I1"]


@pytest.mark.parametrize("odd", ["", "not JSON", "{}", "[1]", "5"])
def test_a_log_that_is_none_has_no_effects(shop: Shop, place: Place, odd: str) -> None:
    assert place.patch(shop.lead_ids[0], {"custom_fields": {"triage_log": odd}}).status_code == 200
    assert (shop.effects(), shop.log_of(shop.lead_ids[0])) == ([], [])


def test_comments_are_counted_by_their_marker_wherever_they_went(shop: Shop, place: Place) -> None:
    lead_id = shop.lead_ids[0]
    place.comment(lead_id, "Rejected.\n[triage:I1 reject]")
    place.comment(lead_id, "Something else about I1")
    place.patch(lead_id, {"status": "converted"})
    assert (shop.comments_of("I1"), shop.comments_of("I")) == (1, 0)
    assert shop.comments_at(lead_id) == []


def test_standing_tells_what_a_lead_has_come_to(shop: Shop, place: Place) -> None:
    lead_id = shop.lead_ids[0]
    custom = {"triage_decision": "rejected", "triage_reason": "NOT_A_BUYER"}
    place.patch(lead_id, {"status": "closed", "custom_fields": custom})
    assert shop.standing(lead_id) == Standing((shop.me,), "closed", "rejected", "NOT_A_BUYER")
    shop.delete(lead_id)
    assert shop.standing(lead_id) == Standing((), "", "", "", is_there=False)
    assert place.get(f"/api/leads/{lead_id}/").json() == NO_LEAD


def test_what_others_do_moves_the_version(shop: Shop, place: Place) -> None:
    lead_id = shop.lead_ids[0]
    versions = [place.shown(lead_id)["updated_at"]]
    for happening in (shop.restatus, shop.retitle, lambda one: shop.type_answer(one, "Look.", "returned")):
        happening(lead_id)
        versions.append(place.shown(lead_id)["updated_at"])
    assert versions == sorted(set(versions))
    lead = place.shown(lead_id)
    assert (lead["status"], lead["job_title"]) == ("in process", "CTO")
    assert lead["custom_fields"] == {"triage_answer": "Look.", "triage_answer_kind": "returned"}


def test_being_in_touch_and_a_comment_do_not_move_the_version(shop: Shop, place: Place) -> None:
    lead_id = shop.lead_ids[0]
    before = place.shown(lead_id)["updated_at"]
    shop.respond(lead_id)
    shop.comment(lead_id, "triage-answer: look again")
    lead = place.shown(lead_id)
    assert (lead["updated_at"], lead["first_response_by"]) == (before, shop.me)
    row = place.get(f"/api/leads/{lead_id}/").json()["comments"][0]
    assert row["commented_by"]["id"] == shop.marketer


def test_a_lead_goes_to_a_colleague_and_comes_back(shop: Shop, place: Place) -> None:
    lead_id = shop.lead_ids[0]
    shop.reassign(lead_id)
    assert place.get(f"/api/leads/{lead_id}/").status_code == 404
    assert place.get(f"/api/leads/{lead_id}/", who="rep2").status_code == 200
    shop.reassign(lead_id, shop.me)
    assert place.get(f"/api/leads/{lead_id}/").status_code == 200


def test_without_triages_fields_a_value_vanishes_and_the_rule_is_broken(shop: Shop, place: Place) -> None:
    shop.drop_field()
    assert place.patch(shop.lead_ids[0], log(("I1", "reject"))).status_code == 200
    assert (shop.effects(), shop.custom(shop.lead_ids[0], "triage_log")) == ([], None)
    assert shop.broken_rules == ["a custom field that is not there was written: triage_log"]


def test_a_shop_that_is_not_set_up_has_no_fields_and_takes_them_from_an_admin(switchboard: Any) -> None:
    assert Shop(set_up=False).state.fields == {}
    assert {one.key for one in Shop().state.fields.values()} >= {"triage_log", "triage_decision"}


def test_a_dropdown_may_be_narrower_than_triage_wants(shop: Shop, place: Place) -> None:
    shop.narrow("triage_decision", "accepted", "rejected")
    answer = place.patch(shop.lead_ids[0], {"custom_fields": {"triage_decision": "snoozed"}})
    said = {"triage_decision": "must be one of ['accepted', 'rejected']"}
    assert answer.json()["errors"] == {"custom_fields": said}


def test_a_required_field_is_asked_for_when_others_are_written(shop: Shop, place: Place) -> None:
    definition = shop.state.definition("triage_feedback")
    assert definition is not None
    definition.is_required = True
    lead_id = shop.lead_ids[0]
    answer = place.patch(lead_id, log(("I1", "reject")))
    assert answer.json()["errors"] == {"custom_fields": {"triage_feedback": "is required"}}
    assert place.patch(lead_id, {"status": "closed"}).status_code == 200


def test_a_token_that_is_revoked_or_scoped_opens_less(shop: Shop, place: Place) -> None:
    scoped = shop.scoped("leads:read")
    assert place.get("/api/leads/", who=scoped).status_code == 200
    assert place.get("/api/profile/", who=scoped).status_code == 403
    shop.revoke(shop.token)
    assert place.get("/api/profile/").json() == SIGNED_OUT


def test_a_token_ends_on_its_day(shop: Shop, place: Place) -> None:
    expires = (shop.state.clock.now() + timedelta(hours=1)).isoformat()
    body = {"name": "short", "scopes": [], "expires_at": expires}
    token = place("POST", "/api/profile/tokens/", body, who=place.session()).json()["token"]
    assert place.get("/api/profile/", who=token).status_code == 200
    shop.state.clock.advance(3_601)
    assert place.get("/api/profile/", who=token).json() == SIGNED_OUT
    assert place.get("/api/org/settings/", who=token).json() == {"detail": "Token revoked or expired"}


def test_rules_that_a_client_breaks_are_kept(shop: Shop, place: Place) -> None:
    lead_id = shop.lead_ids[0]
    place.get("/api/leads/", updated_since="x", cf_triage_decision="accepted", limit=5)
    place("PATCH", f"/api/leads/{lead_id}", {})
    place("PUT", f"/api/leads/{lead_id}/", {})
    assert shop.broken_rules == [
        "a parameter that is ignored: updated_since",
        f"no slash at the end: /api/leads/{lead_id}",
        f"PUT at /api/leads/{lead_id}/",
    ]


def test_two_writes_of_one_person_at_a_time_break_a_rule_and_of_two_people_do_not(
    shop: Shop, place: Place
) -> None:
    lead_id = shop.lead_ids[0]
    for who in ("rep", "marketer"):
        place.patch(lead_id, {}, who=who)
    with ThreadPoolExecutor(2) as at_once:
        list(at_once.map(lambda who: place.patch(lead_id, {}, who=who), ("rep", "marketer")))
    assert shop.broken_rules == []
    for _ in range(50):
        with ThreadPoolExecutor(4) as at_once:
            list(at_once.map(lambda _: place.patch(lead_id, {}), range(4)))
        if shop.broken_rules:
            break
    assert set(shop.broken_rules) == {f"two writes at a time, at /api/leads/{lead_id}/"}


def test_requests_are_counted_by_how_they_begin(shop: Shop, place: Place) -> None:
    place.patch(shop.lead_ids[0], {})
    place.get("/api/leads/", limit=1)
    assert (shop.count("PATCH /api/leads/"), shop.count("GET /api/leads/"), shop.count("GET")) == (1, 1, 1)


def test_answers_that_are_recorded_are_told(shop: Shop, place: Place) -> None:
    entry = [{"id": "A1", "word": "returned", "at": "", "record": {}}]
    custom = {"triage_answers": json.dumps(entry)}
    place.patch(shop.lead_ids[0], {"custom_fields": custom}, who="marketer")
    assert shop.answers() == [("A1", "returned")]


def test_a_lead_may_be_added_with_what_a_test_wants(shop: Shop, place: Place) -> None:
    mine = shop.add_lead(first_name=None, email=None, status=None)
    lead = place.shown(mine)
    assert (lead["first_name"], lead["email"], lead["status"]) == (None, None, None)
    assert place.get(f"/api/leads/{shop.add_lead(owner=shop.colleague)}/").status_code == 404


def test_the_stand_in_shares_no_code_with_what_it_tests() -> None:
    lines = [line for path in Path(shop_module).parent.glob("*.py") for line in path.read_text().splitlines()]
    assert len(lines) > 1_000
    assert [line for line in lines if line.lstrip().startswith(("import triage", "from triage"))] == []
