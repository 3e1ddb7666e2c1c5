"""Records in the stand-in for Odoo: how they are found, read, written and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.odoo.conftest import Talk
from tests.odoo.server import Odoo

MINE = [["user_id", "=", 7]]


def found(talk: Talk, *domain: Any, model: str = "crm.lead", **more: Any) -> list[int]:
    return list(talk.ok(model, "search", domain=list(domain), order="id asc", **more))


def test_a_search_finds_the_reps_own_leads_in_order(odoo: Odoo, talk: Talk) -> None:
    rows = talk.ok("crm.lead", "search_read", domain=MINE, fields=["name"], order="id asc", limit=5)
    assert [row["id"] for row in rows] == odoo.lead_ids[:5]
    assert rows[0] == {"id": odoo.lead_ids[0], "name": "Ada Abend: route planning"}


def test_both_interfaces_answer_alike(odoo: Odoo, talk: Talk) -> None:
    asked = {"fields": ["name", "stage_id", "user_id", "type"], "order": "id asc"}
    by_json2 = talk.ok("crm.lead", "search_read", domain=MINE, **asked)
    assert talk.classic("crm.lead", "search_read", MINE, **asked)["result"] == by_json2


def test_an_empty_value_is_false_and_a_relation_is_a_pair(odoo: Odoo, talk: Talk) -> None:
    names = ["partner_id", "zip", "lost_reason_id", "stage_id", "tag_ids", "date_closed", "expected_revenue"]
    assert talk.lead(odoo.lead_ids[0], *names) == {
        "id": odoo.lead_ids[0],
        **dict.fromkeys(("partner_id", "zip", "lost_reason_id", "date_closed"), False),
        "stage_id": [5, "New"],
        "tag_ids": [],
        "expected_revenue": 0.0,
    }


@pytest.mark.parametrize(
    ("domain", "places"),
    [
        ([["email_from", "ilike", "ADA.abend"]], [0]),
        ([["email_from", "like", "ADA.abend"]], []),
        ([["contact_name", "=like", "Ada%"]], [0]),
        ([["contact_name", "ilike", "a_a abend"]], [0]),
        (["|", ["contact_name", "=", "Ada Abend"], ["function", "=", "Buyer"]], [0, 3, 9]),
        (["&", ["city", "=", "Berlin"], ["function", "=", "Buyer"]], [3, 9]),
        (["!", ["city", "in", ["Berlin", "Porto"]]], [2, 5, 8, 11]),
        ([["city", "not in", ["Berlin", "Porto"]]], [2, 5, 8, 11]),
        ([["referred", "!=", False], ["city", "!=", "Porto"]], [0, 5]),
        ([["stage_id.is_won", "=", False], ["stage_id", "=", "New"], ["country_id", "ilike", "nor"]], [2, 5, 8, 11]),
        ([["priority", ">", "2"]], [3, 7, 11]),
        ([["expected_revenue", "<=", 0]], [0, 9]),
        ([["zip", "=", False], ["tag_ids", "=", False], ["function", "not ilike", "o"]], [2, 3, 4, 5, 8, 9, 10, 11]),
        ([["zip", "<", "1"]], []),
    ],
)  # fmt: skip
def test_a_domain_is_followed(odoo: Odoo, talk: Talk, domain: list[Any], places: list[int]) -> None:
    assert found(talk, *MINE, *domain) == [odoo.lead_ids[place] for place in places]


def test_a_page_begins_where_it_is_asked_to(odoo: Odoo, talk: Talk) -> None:
    assert found(talk, *MINE, offset=2, limit=3) == odoo.lead_ids[2:5]
    assert found(talk, *MINE, ["id", ">", odoo.lead_ids[9]], limit=200) == odoo.lead_ids[10:]


def test_records_are_ordered_by_several_fields_and_empty_values_come_last(odoo: Odoo, talk: Talk) -> None:
    odoo.write(odoo.lead_ids[3], zip="10115")
    asked = {"domain": MINE, "limit": 3}
    first, *_ = talk.ok("crm.lead", "search", order="zip asc, id desc", **asked)
    assert first == odoo.lead_ids[3]
    assert talk.ok("crm.lead", "search", order="priority desc, id asc", **asked) == odoo.lead_ids[3::4]


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("search_read", {"domain": [], "fields": ["no_such_field"]}),
        ("search", {"domain": [["no_such_field", "=", 1]]}),
        ("search", {"domain": [["name", "~", 1]]}),
        ("search", {"domain": [["name", "="]]}),
        ("search", {"domain": ["|", ["name", "=", "x"]]}),
        ("search", {"domain": [], "order": "no_such_field"}),
        ("search", {"domain": [["write_date", ">=", "2026-11-20T00:00:00Z"]]}),
        ("write", {"ids": [4101], "vals": {"no_such_field": 1}}),
        ("write", {"ids": [4101], "vals": {"type": "customer"}}),
        ("write", {"ids": [4101], "vals": {"user_id": "Cole"}}),
        ("write", {"ids": [4101], "vals": {"expected_revenue": "much"}}),
        ("write", {"ids": [4101], "vals": {"tag_ids": 20}}),
        ("write", {"ids": [4101], "vals": ["function"]}),
        ("search", {"domain": "name = x"}),
        ("search", {"domain": [["id", "in", 4101]]}),
        ("search", {"domain": [], "limit": "many"}),
    ],
)
def test_a_mistake_that_odoo_does_not_catch_is_a_500(talk: Talk, method: str, body: dict[str, Any]) -> None:
    status, name, _words = talk.refused("crm.lead", method, **body)
    assert (status, name) == (500, "ValueError")


def test_archived_records_are_found_only_where_they_are_asked_for(odoo: Odoo, talk: Talk) -> None:
    odoo.archive(odoo.lead_ids[0])
    assert len(found(talk, *MINE)) == 11
    assert len(found(talk, *MINE, context={"active_test": False})) == 12
    assert found(talk, *MINE, ["active", "=", False]) == odoo.lead_ids[:1]


def test_a_time_loses_its_microseconds_in_the_answer_only(odoo: Odoo, talk: Talk) -> None:
    """So a page that begins after the last time it read comes again: "from", and what is known left out."""
    one = odoo.lead_ids[0]
    odoo.retitle(one)
    at = talk.lead(one, "write_date")["write_date"]
    assert len(at) == len("2026-11-22 17:00:00")
    assert found(talk, *MINE, ["write_date", ">", at]) == [one]
    assert found(talk, *MINE, ["write_date", ">=", at]) == [one]


def test_a_write_changes_all_its_records_alike(odoo: Odoo, talk: Talk) -> None:
    pair = odoo.lead_ids[:2]
    assert talk.ok("crm.lead", "write", ids=pair, vals={"function": "COO"}) is True
    assert found(talk, ["function", "=", "COO"]) == pair


def test_one_missing_record_takes_the_whole_write_back(odoo: Odoo, talk: Talk) -> None:
    odoo.delete(odoo.lead_ids[1])
    status, name, _words = talk.refused("crm.lead", "write", ids=odoo.lead_ids[:2], vals={"function": "COO"})
    assert (status, name) == (404, "MissingError")
    assert found(talk, ["function", "=", "COO"]) == []


def test_a_write_that_fails_halfway_leaves_nothing_behind(odoo: Odoo, talk: Talk) -> None:
    """The first lead was changed already, and its change noted, when the second could not be."""
    one, won = odoo.lead_ids[:2]
    odoo.win(won)
    before = (
        talk.lead(one),
        odoo.notes_of(one),
        list(odoo.trained),
        talk.ok("mail.message", "search_count", domain=[]),
    )
    assert talk.refused("crm.lead", "action_set_lost", ids=[one, won], lost_reason_id=1)[0] == 422
    after = (
        talk.lead(one),
        odoo.notes_of(one),
        list(odoo.trained),
        talk.ok("mail.message", "search_count", domain=[]),
    )
    assert after == before


def test_a_list_of_records_is_changed_by_commands(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    first, second = talk.ok("crm.tag", "search", domain=[], limit=2)

    def tags(*commands: Any) -> Any:
        talk.ok("crm.lead", "write", ids=[one], vals={"tag_ids": list(commands)})
        return talk.lead(one, "tag_ids")["tag_ids"]

    assert tags([4, first]) == [first]
    assert tags([4, first, 0], [4, second, False]) == [first, second]
    assert tags([3, first]) == [second]
    assert tags([6, 0, [first]]) == [first]
    assert tags([5]) == []
    assert len(tags([0, 0, {"name": "by the way"}])) == 1


@pytest.mark.parametrize("vals", [{"user_id": 99}, {"lost_reason_id": 99}, {"stage_id": 99}])
def test_a_relation_to_nothing_is_refused(odoo: Odoo, talk: Talk, vals: dict[str, int]) -> None:
    assert talk.refused("crm.lead", "write", ids=odoo.lead_ids[:1], vals=vals)[:2] == (422, "ValidationError")


def test_a_tag_that_is_there_is_not_made_again(talk: Talk) -> None:
    said = talk.refused("crm.tag", "create", vals_list=[{"name": "triage: accepted"}])
    assert said == (422, "ValidationError", "Tag name already exists!")


def test_a_record_that_is_made_has_an_id_of_its_own_and_its_defaults(odoo: Odoo, talk: Talk) -> None:
    (made,) = talk.ok("crm.lead", "create", vals_list=[{"name": "By hand", "type": "lead"}])
    assert made not in odoo.lead_ids
    row = talk.lead(made, "user_id", "stage_id", "team_id", "active", "priority")
    assert row == {
        "id": made,
        "user_id": [7, "Rhea Rep"],
        "stage_id": [5, "New"],
        "team_id": [1, "Sales"],
        "active": True,
        "priority": "0",
    }


def test_a_deleted_lead_leaves_no_trace(odoo: Odoo, talk: Talk) -> None:
    gone, other = odoo.lead_ids[:2]
    odoo.delete(gone)
    assert talk.refused("crm.lead", "read", ids=[gone, other], fields=["name"])[:2] == (404, "MissingError")
    assert found(talk, ["id", "in", [gone, other]]) == [other]
    assert found(talk, ["res_id", "=", gone], model="mail.message") == []


def test_a_merged_lead_gives_its_messages_to_the_other(odoo: Odoo, talk: Talk) -> None:
    gone, other = odoo.lead_ids[:2]
    odoo.post(gone, "<p>[triage:D-1 accept]</p>")
    odoo.delete(gone, into=other)
    assert not odoo.standing(gone).is_there
    assert "<p>[triage:D-1 accept]</p>" in odoo.notes_of(other)


def test_read_may_leave_out_what_is_missing(odoo: Odoo, talk: Talk) -> None:
    """The page says 404; the code of newer versions leaves it out and says nothing."""
    odoo.state.drops_missing = True
    odoo.delete(odoo.lead_ids[0])
    rows = talk.ok("crm.lead", "read", ids=odoo.lead_ids[:2], fields=["name"])
    assert [row["id"] for row in rows] == odoo.lead_ids[1:2]


def test_the_fields_say_what_they_are(odoo: Odoo, talk: Talk) -> None:
    told = talk.ok("crm.lead", "fields_get", allfields=["type", "source_id", "x_triage_answer", "nope"])
    assert set(told) == {"type", "source_id", "x_triage_answer"}
    assert told["type"]["selection"] == [["lead", "Lead"], ["opportunity", "Opportunity"]]
    assert (told["source_id"]["relation"], told["source_id"]["string"]) == ("utm.source", "Source")
    assert told["x_triage_answer"]["manual"] is True
    short = talk.ok("crm.lead", "fields_get", allfields=["type"], attributes=["string"])
    assert short == {"type": {"string": "Type"}}


def test_won_status_is_of_the_newer_versions_only() -> None:
    assert "won_status" in Odoo(version="19.0").state.tables.models["crm.lead"].fields
    assert "won_status" not in Odoo(version="17.0").state.tables.models["crm.lead"].fields


def test_a_field_that_is_taken_away_is_unknown(odoo: Odoo, talk: Talk) -> None:
    odoo.without("visitor_page_count")
    assert talk("crm.lead", "search_read", domain=[], fields=["visitor_page_count"]).status_code == 500


def test_names_are_searched_for(talk: Talk) -> None:
    assert talk.ok("res.users", "name_search", name="cole") == [[8, "Cole League"]]


def test_a_command_that_is_none_is_refused(odoo: Odoo, talk: Talk) -> None:
    for command in ([9, 1], [4]):
        vals = {"tag_ids": [command]}
        assert talk.refused("crm.lead", "write", ids=odoo.lead_ids[:1], vals=vals)[0] == 422
    vals = {"tag_ids": [[4, 9_999]]}
    assert talk.refused("crm.lead", "write", ids=odoo.lead_ids[:1], vals=vals)[:2] == (404, "MissingError")


def test_what_odoo_sets_by_itself_is_passed_over_without_a_word(odoo: Odoo, talk: Talk) -> None:
    one = odoo.lead_ids[0]
    before = talk.lead(one, "create_date", "won_status")
    vals = {"create_date": "2020-01-01 00:00:00", "won_status": "won", "id": 1}
    assert talk.ok("crm.lead", "write", ids=[one], vals=vals) is True
    assert talk.lead(one, "create_date", "won_status") == before


def test_the_context_gives_defaults(odoo: Odoo, talk: Talk) -> None:
    context = {"default_type": "opportunity", "default_nothing": 1}
    (made,) = talk.ok("crm.lead", "create", vals_list={"name": "By hand"}, context=context)
    assert talk.lead(made, "type")["type"] == "opportunity"
    assert talk.ok("crm.lead", "default_get", fields_list=["type", "name", "nope"]) == {"type": "lead"}


def test_a_record_needs_what_is_required(talk: Talk) -> None:
    assert talk.refused("crm.lead", "create", vals_list=[{"type": "lead"}])[:2] == (422, "ValidationError")
