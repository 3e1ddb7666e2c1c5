"""Search in the stand-in for HubSpot: its operators, its pages, its caps, its lag."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hubspot.conftest import Switchboard, Talk
from tests.hubspot.portal import Portal, app
from tests.tempo import FastTempo


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["results"]]


def test_the_leads_of_one_rep_are_found_and_no_others(portal: Portal, talk: Talk) -> None:
    assert sorted(ids(talk.search(("hubspot_owner_id", "EQ", portal.me)))) == portal.lead_ids


@pytest.mark.parametrize(
    ("operator", "value", "wanted"),
    [
        ("EQ", "513", ["513"]),
        ("NEQ", "513", ["511", "512", "514"]),
        ("LT", "513", ["511", "512"]),
        ("LTE", "513", ["511", "512", "513"]),
        ("GT", "513", ["514"]),
        ("GTE", "513", ["513", "514"]),
        ("BETWEEN", ("512", "513"), ["512", "513"]),
        ("IN", ["511", "514", "99"], ["511", "514"]),
        ("NOT_IN", ["511", "514"], ["512", "513"]),
        ("HAS_PROPERTY", None, ["511", "512", "513", "514"]),
        ("NOT_HAS_PROPERTY", None, []),
    ],
)
def test_an_operator_finds(talk: Talk, operator: str, value: Any, wanted: list[str]) -> None:
    few = ("hs_object_id", "LTE", "514")
    assert ids(talk.search(("hs_object_id", operator, value), few)) == wanted


def test_words_are_found_by_token(talk: Talk) -> None:
    assert ids(talk.search(("hs_lead_name", "CONTAINS_TOKEN", "ada"))) == ["511", "523"]
    assert "511" not in ids(talk.search(("hs_lead_name", "NOT_CONTAINS_TOKEN", "ada")))


def test_what_was_written_since_a_time_is_found_by_milliseconds(portal: Portal, talk: Talk) -> None:
    since = talk.get("/crm/objects/2026-09/leads/511").json()["updatedAt"]
    portal.retitle("515")
    portal.retitle("513")
    order = [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}]
    found = talk.search(("hs_lastmodifieddate", "GT", since), sorts=order)
    assert ids(found) == ["515", "513"]


def test_a_sort_descends_and_those_without_the_property_come_last(portal: Portal, talk: Talk) -> None:
    portal.write("leads", "514", {"hs_lead_disqualification_note": "a"})
    portal.write("leads", "512", {"hs_lead_disqualification_note": "b"})
    order = [{"propertyName": "hs_lead_disqualification_note", "direction": "DESCENDING"}]
    assert ids(talk.search(sorts=order))[:3] == ["512", "514", "511"]


def test_pages_follow_one_another_by_offset(portal: Portal, talk: Talk) -> None:
    first = talk.search(limit=9)
    after = first.json()["paging"]["next"]["after"]
    second = talk.search(limit=9, after=after)
    assert after == "9"
    assert first.json()["total"] == 14
    assert ids(first) + ids(second) == [*portal.lead_ids, *portal.other_lead_ids]
    assert "paging" not in second.json()


def test_properties_that_were_asked_for_are_text_or_null_and_unknown_ones_are_left_out(talk: Talk) -> None:
    answer = talk.search(
        ("hs_object_id", "EQ", "511"), properties=["hs_lead_name", "hs_lead_disqualification_note", "no"]
    )
    row = answer.json()["results"][0]
    assert row["properties"]["hs_lead_name"] == "Ada Abend"
    assert row["properties"]["hs_lead_disqualification_note"] is None
    assert "no" not in row["properties"]
    assert {"id", "createdAt", "updatedAt", "archived"} <= row.keys()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"limit": 201}, "limit"),
        ({"limit": 0}, "limit"),
        ({"after": "x"}, "offset"),
        ({"after": "9995"}, "beyond 10000"),
        ({"sorts": [{"propertyName": "hs_object_id"}, {"propertyName": "hs_lead_name"}]}, "sort"),
        ({"sorts": [{"propertyName": "nothing"}]}, "does not exist"),
        ({"properties": "hs_lead_name"}, "array"),
        ({"filterGroups": [{"filters": []}] * 6}, "groups"),
    ],
)
def test_what_goes_beyond_the_documented_caps_is_refused_and_breaks_a_rule(
    portal: Portal, talk: Talk, more: dict[str, Any], said: str
) -> None:
    answer = talk.post("/crm/objects/2026-09/leads/search", more)
    assert answer.status_code == 400
    assert said in answer.json()["message"]
    assert portal.broken_rules


@pytest.mark.parametrize(
    "one",
    [
        ("nothing", "EQ", "1"),
        ("hs_object_id", "LIKE", "1"),
        ("hs_object_id", "EQ"),
        ("hs_object_id", "IN", "1"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(portal: Portal, talk: Talk, one: tuple[str, ...]) -> None:
    assert talk.search(one).status_code == 400
    assert portal.broken_rules


def test_too_many_filters_are_refused(portal: Portal, talk: Talk) -> None:
    assert talk.search(*[("hs_object_id", "HAS_PROPERTY")] * 7).status_code == 400
    assert portal.broken_rules


def test_three_filters_in_one_group_are_taken(talk: Talk) -> None:
    assert talk.search(*[("hs_object_id", "HAS_PROPERTY")] * 3).status_code == 200


def test_archived_records_never_appear(portal: Portal, talk: Talk) -> None:
    portal.archive("512")
    assert "512" not in ids(talk.search())


def test_search_sees_a_write_only_when_its_lag_is_over(portal: Portal, talk: Talk) -> None:
    portal.search_lag = 5
    portal.reassign("511")
    mine = ("hubspot_owner_id", "EQ", portal.me)
    assert "511" in ids(talk.search(mine))
    assert (
        talk.get("/crm/objects/2026-09/leads/511", properties="hubspot_owner_id").json()["properties"][
            "hubspot_owner_id"
        ]
        == portal.colleague
    )
    portal.advance(5)
    assert "511" not in ids(talk.search(mine))


def test_a_kept_result_is_not_given_after_a_write(portal: Portal, talk: Talk) -> None:
    assert "511" in ids(talk.search(("hubspot_owner_id", "EQ", portal.me)))
    portal.reassign("511")
    assert "511" not in ids(talk.search(("hubspot_owner_id", "EQ", portal.me)))


def test_ten_thousand_leads_are_paged_and_beyond_the_cap_only_by_key(
    switchboard: Switchboard, talk: Talk
) -> None:
    many = Portal(FastTempo(), leads=10_050, others=0)
    switchboard.app = app(many)
    order = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    found: list[str] = []
    for after in range(0, 10_000, 200):
        found += ids(talk.search(("hubspot_owner_id", "EQ", "81"), sorts=order, after=str(after)))
        many.advance(1)
    assert talk.search(sorts=order, after="10000").status_code == 400
    found += ids(talk.search(("hs_object_id", "GT", found[-1]), sorts=order))
    assert found == many.lead_ids
    inputs = [{"id": one} for one in many.lead_ids[:100]]
    read = talk.post(
        "/crm/objects/2026-09/leads/batch/read", {"inputs": inputs, "properties": ["hs_lead_name"]}
    )
    assert len(ids(read)) == 100
