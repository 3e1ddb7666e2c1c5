"""Several records in one request: what is kept when one of them fails, and how many there may be."""

from __future__ import annotations

from typing import Any

import pytest

from tests.salesforce.direct import DATA, Client, code_of, codes, decision, graph, graphs, row_path
from tests.salesforce.org import Org
from tests.salesforce.org.extras import DECISION

OLD = "Sun, 22 Nov 2020 10:00:00 GMT"
ROLLED_BACK = "400 PROCESSING_HALTED"


@pytest.fixture
def org() -> Org:
    return Org(leads=80)


@pytest.fixture
def client(org: Org) -> Client:
    return Client(org)


def record(lead_id: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Lead"}, "id": lead_id, **values}


def several(client: Client, records: list[dict[str, Any]], *, every: bool = False) -> Any:
    return client.send("PATCH", "/composite/sobjects", {"allOrNone": every, "records": records})


def test_a_collection_tells_for_each_in_order_what_became_of_it(org: Org, client: Client) -> None:
    org.archive(org.lead_ids[1])
    records = [record(one, Title="CTO") for one in org.lead_ids[:3]]
    answered = several(client, records)
    assert answered.status_code == 200
    assert [one["success"] for one in answered.json()] == [True, False, True]
    assert answered.json()[1]["errors"][0]["statusCode"] == "CANNOT_UPDATE_CONVERTED_LEAD"
    assert org.lead(org.lead_ids[2])["Title"] == "CTO"


def test_a_collection_of_all_or_none_keeps_nothing_when_one_fails(org: Org, client: Client) -> None:
    before = org.lead(org.lead_ids[0])
    records = [record(org.lead_ids[0], Title="CTO"), record(org.lead_ids[1], Status="Somehow")]
    answered = several(client, records, every=True).json()
    assert [one["errors"][0]["statusCode"] for one in answered] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    ]
    assert org.lead(org.lead_ids[0]) == before


def test_more_than_two_hundred_records_are_refused_whole(org: Org, client: Client) -> None:
    assert code_of(several(client, [record(org.lead_ids[0], Title="a")] * 201)) == "400 EXCEEDED_ID_LIMIT"
    assert org.broken_rules == ["201 records in one collection"]
    assert several(client, [record(org.lead_ids[0], Title="a")] * 200).status_code == 200


def test_types_that_change_too_often_are_refused(org: Org, client: Client) -> None:
    kinds = [{"attributes": {"type": kind}, "id": org.lead_ids[0]} for kind in ("Lead", "Task") * 6]
    assert code_of(several(client, kinds)) == "400 INVALID_INPUT"


def test_a_collection_can_be_upserted_made_read_and_deleted(org: Org, client: Client) -> None:
    rows = [
        {"attributes": {"type": DECISION}, "Decision_Key__c": key, **decision(org.lead_ids[0])}
        for key in "ab"
    ]
    path = f"/composite/sobjects/{DECISION}/Decision_Key__c"
    first = client.send("PATCH", path, {"records": rows}).json()
    again = client.send("PATCH", path, {"records": rows}).json()
    assert [one["created"] for one in first + again] == [True, True, False, False]
    ids = [one["id"] for one in first]
    read = client.send(
        "POST", f"/composite/sobjects/{DECISION}", {"ids": [*ids, "none"], "fields": ["Outcome__c"]}
    )
    assert [one and one["Outcome__c"] for one in read.json()] == ["accepted", "accepted", None]
    gone = client.http.delete(f"{DATA}/composite/sobjects", params={"ids": ",".join(ids)}).json()
    assert [one["success"] for one in gone] == [True, True]
    made = client.send("POST", "/composite/sobjects", {"records": rows}).json()
    assert [one["success"] for one in made] == [True, True]


def composite(client: Client, *parts: dict[str, Any], every: bool = True) -> Any:
    return client.send("POST", "/composite", {"allOrNone": every, "compositeRequest": list(parts)})


def part(name: str, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    made: dict[str, Any] = {"method": method, "url": DATA + path, "referenceId": name}
    made |= {"body": body} if body is not None else {}
    return made | ({"httpHeaders": headers} if headers else {})


def test_a_composite_of_all_or_none_takes_back_what_it_did(org: Org, client: Client) -> None:
    before = org.lead(org.lead_ids[0])
    answered = composite(
        client,
        part("lead", "PATCH", f"/sobjects/Lead/{org.lead_ids[0]}", {"Title": "CTO"}),
        part("row", "PATCH", row_path("K"), {"Outcome__c": "accepted", "Kind__c": "wrong"}),
        part("never", "GET", "/limits"),
    )
    restricted = "400 INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert codes(answered.json()) == [ROLLED_BACK, restricted, ROLLED_BACK]
    assert org.lead(org.lead_ids[0]) == before
    assert org.effects() == []


def test_a_composite_without_it_keeps_what_succeeded(org: Org, client: Client) -> None:
    answered = composite(
        client,
        part("lead", "PATCH", f"/sobjects/Lead/{org.lead_ids[0]}", {"Title": "CTO"}),
        part("wrong", "PATCH", f"/sobjects/Lead/{org.lead_ids[1]}", {"Status": "Somehow"}),
        every=False,
    )
    assert [one["httpStatusCode"] for one in answered.json()["compositeResponse"]] == [204, 400]
    assert org.lead(org.lead_ids[0])["Title"] == "CTO"


def test_a_part_may_use_what_an_earlier_part_gave(org: Org, client: Client) -> None:
    answered = composite(
        client,
        part("made", "POST", "/sobjects/Lead", {"LastName": "New", "Company": "Example"}),
        part("row", "PATCH", row_path("K"), {"Lead__c": "@{made.id}"}),
        part("asked", "GET", "/query?q=SELECT+Id+FROM+Lead+WHERE+Id+=+'@{made.id}'"),
    ).json()["compositeResponse"]
    made = answered[0]["body"]["id"]
    assert client.get(row_path("K")).json()["Lead__c"] == made
    assert answered[2]["body"]["records"][0]["Id"] == made


def test_a_reference_that_leads_nowhere_halts(client: Client) -> None:
    answered = composite(client, part("row", "PATCH", row_path("K"), {"Lead__c": "@{nobody.id}"}))
    assert codes(answered.json()) == [ROLLED_BACK]


@pytest.mark.parametrize(
    "parts",
    [
        [part(f"p{number}", "GET", "/limits") for number in range(26)],
        [part(f"p{number}", "GET", "/query?q=SELECT+Id+FROM+Lead+LIMIT+1") for number in range(6)],
        [part("same", "GET", "/limits"), part("same", "GET", "/limits")],
        [part("not-allowed", "GET", "/limits")],
        [part("a", "GET", "/limits", Authorization="Bearer x")],
        [{"method": "GET", "url": "/limits", "referenceId": "a"}],
        [{"method": "LOOK", "url": f"{DATA}/limits", "referenceId": "a"}],
        [],
    ],
)
def test_a_composite_request_that_breaks_a_rule_is_refused_whole(client: Client, parts: list[Any]) -> None:
    assert composite(client, *parts, every=False).status_code == 400


def test_words_inside_of_a_composite_answer_are_written_as_for_html(org: Org, client: Client) -> None:
    org.validation["Title"] = "Don't <change> it"
    wrong = part("lead", "PATCH", f"/sobjects/Lead/{org.lead_ids[0]}", {"Title": "CTO"})
    told = composite(client, wrong).json()["compositeResponse"][0]["body"][0]["message"]
    org.escapes = False
    plain = composite(client, wrong).json()["compositeResponse"][0]["body"][0]["message"]
    assert (told, plain) == ("Don&#39;t &lt;change&gt; it", "Don't <change> it")


def test_a_graph_is_kept_whole_or_not_at_all_whatever_becomes_of_the_others(org: Org, client: Client) -> None:
    good, bad = org.lead_ids[:2]
    told = graphs(client, graph("a", bad, "K1", status="Somehow"), graph("b", good, "K2"))
    assert [(one["graphId"], one["isSuccessful"]) for one in told] == [("a", False), ("b", True)]
    assert codes(told[0]) == ["400 INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ROLLED_BACK]
    assert codes(told[1]) == ["204", "201"]
    assert org.effects() == [("K2", "accepted")]


def test_a_row_that_was_written_before_its_graph_failed_is_no_effect(org: Org, client: Client) -> None:
    made = graph("a", org.lead_ids[0], "K", status="Somehow")
    made["compositeRequest"].reverse()
    assert codes(graphs(client, made)[0])[0] == ROLLED_BACK
    assert org.effects() == []
    assert code_of(client.get(row_path("K"))) == "404 NOT_FOUND"


def test_a_precondition_inside_of_a_graph_takes_the_whole_graph_back(org: Org, client: Client) -> None:
    told = graphs(client, graph("a", org.lead_ids[0], "K", If_Unmodified_Since=OLD))
    assert codes(told[0]) == ["412 PRECONDITION_FAILED", ROLLED_BACK]
    assert org.effects() == []


def test_an_org_may_refuse_the_precondition_inside_of_a_graph(org: Org, client: Client) -> None:
    org.precondition = "refused"
    told = graphs(client, graph("a", org.lead_ids[0], "K", If_Unmodified_Since=OLD))
    assert codes(told[0]) == ["400 INVALID_HEADER", ROLLED_BACK]
    assert org.effects() == []


def test_an_org_may_take_no_notice_of_the_precondition_inside_of_a_graph(org: Org, client: Client) -> None:
    org.precondition = "ignored"
    assert graphs(client, graph("a", org.lead_ids[0], "K", If_Unmodified_Since=OLD))[0]["isSuccessful"]


def test_after_fourteen_graphs_that_failed_the_rest_is_not_begun(org: Org, client: Client) -> None:
    made = [graph(f"bad{n}", org.lead_ids[n], f"B{n}", status="Somehow") for n in range(20)]
    made += [graph(f"good{n}", org.lead_ids[20 + n], f"G{n}") for n in range(5)]
    told = graphs(client, *made)
    begun = [one["graphId"] for one in told if codes(one) != [ROLLED_BACK, ROLLED_BACK]]
    assert begun == [f"bad{n}" for n in range(14)]
    assert not any(one["isSuccessful"] for one in told)
    assert org.effects() == []


def test_a_key_that_several_rows_have_fails_its_graph(org: Org, client: Client) -> None:
    for _ in range(2):
        org.put(DECISION, {"Decision_Key__c": "twice"})
    told = graphs(client, graph("a", org.lead_ids[0], "twice"))
    assert codes(told[0]) == [ROLLED_BACK, "300"]
    assert org.standing(org.lead_ids[0])[0] == "Open - Not Contacted"


def refused(client: Client, *made: dict[str, Any]) -> str:
    return code_of(client.send("POST", "/composite/graph", {"graphs": list(made)}))


def test_more_than_75_graphs_are_refused_whole(org: Org, client: Client) -> None:
    made = [graph(f"g{n}", org.lead_ids[n], f"K{n}") for n in range(76)]
    assert refused(client, *made) == "400 LIMIT_EXCEEDED"
    assert org.broken_rules == ["76 graphs in one request of graphs"]
    assert all(one["isSuccessful"] for one in graphs(client, *made[:75]))


def test_more_than_500_nodes_are_refused_whole(org: Org, client: Client) -> None:
    nodes = [part(f"n{n}", "PATCH", row_path(f"K{n}"), {}) for n in range(251)]
    halves = [{"graphId": name, "compositeRequest": nodes} for name in "ab"]
    assert refused(client, *halves) == "400 LIMIT_EXCEEDED"
    assert org.broken_rules == ["502 nodes in one request of graphs"]


def test_more_than_15_kinds_of_nodes_are_refused_whole(client: Client) -> None:
    versions = [
        {"method": "PATCH", "url": f"/services/data/v{50 + n}.0/sobjects/Lead/x", "referenceId": f"n{n}"}
        for n in range(16)
    ]
    assert refused(client, {"graphId": "a", "compositeRequest": versions}) == "400 LIMIT_EXCEEDED"


def test_more_than_15_levels_are_refused_whole(client: Client) -> None:
    nodes = [part("n0", "PATCH", row_path("K0"), {})]
    nodes += [
        part(f"n{n}", "PATCH", row_path(f"K{n}"), {"Reason__c": f"@{{n{n - 1}.id}}"}) for n in range(1, 16)
    ]
    assert refused(client, {"graphId": "a", "compositeRequest": nodes}) == "400 LIMIT_EXCEEDED"
    assert graphs(client, {"graphId": "a", "compositeRequest": nodes[:15]})[0]["isSuccessful"]


@pytest.mark.parametrize("name", ["", "-a", "a.b", "a" * 40, None])
def test_a_name_that_no_graph_may_have_is_refused(org: Org, client: Client, name: Any) -> None:
    made = graph("a", org.lead_ids[0], "K") | {"graphId": name}
    assert refused(client, made) == "400 INVALID_INPUT"


def test_two_graphs_of_one_name_are_refused(org: Org, client: Client) -> None:
    made = graph("a", org.lead_ids[0], "K")
    assert refused(client, made, made) == "400 INVALID_INPUT"


def test_a_graph_may_only_use_records(client: Client) -> None:
    asked = {"graphId": "a", "compositeRequest": [part("q", "GET", "/query?q=SELECT+Id+FROM+Lead")]}
    assert refused(client, asked) == "400 INVALID_INPUT"


def test_one_request_of_graphs_costs_one_of_the_days_requests(org: Org, client: Client) -> None:
    graphs(client, *(graph(f"g{n}", org.lead_ids[n], f"K{n}") for n in range(10)))
    assert org.used == 1
