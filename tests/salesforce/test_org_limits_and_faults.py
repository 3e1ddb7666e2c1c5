"""What wears out, what breaks: the day's requests, the connection, the server; over real HTTP where a wire is cut."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.salesforce import org as package
from tests.salesforce.direct import DATA, Client, code_of, codes, decision, graph, graphs, row_path
from tests.salesforce.org import Org, app
from tests.serving import served


@pytest.fixture
def org() -> Org:
    return Org(leads=4)


@pytest.fixture
def client(org: Org) -> Client:
    return Client(org)


@pytest.fixture(scope="module")
def wired() -> Iterator[tuple[Org, httpx.Client]]:
    org = Org(leads=4)
    with served(app(org)) as url, httpx.Client(base_url=url, timeout=30) as http:
        http.headers["Authorization"] = f"Bearer {org.access_token}"
        yield org, http


def test_every_answer_says_how_much_of_the_day_is_used(org: Org, client: Client) -> None:
    assert client.get("/limits").headers["Sforce-Limit-Info"] == "api-usage=1/100000"
    assert client.query("nonsense").headers["Sforce-Limit-Info"] == "api-usage=2/100000"
    assert client.get("/limits").json() == {"DailyApiRequests": {"Max": 100_000, "Remaining": 99_997}}


def test_an_app_with_a_limit_of_its_own_is_named_beside_the_org(org: Org, client: Client) -> None:
    org.limited_app = "triage"
    said = client.get("/limits").headers["Sforce-Limit-Info"]
    assert said == "api-usage=1/100000; per-app-api-usage=17/250(appName=triage)"


def test_a_day_that_is_used_up_refuses_everything_without_saying_until_when(org: Org, client: Client) -> None:
    org.used = org.daily_limit
    refused = client.get("/limits")
    assert code_of(refused) == "403 REQUEST_LIMIT_EXCEEDED"
    assert "Retry-After" not in refused.headers
    assert refused.headers["Sforce-Limit-Info"] == "api-usage=100000/100000"
    assert org.refusals == ["REQUEST_LIMIT_EXCEEDED"]


def test_who_is_not_signed_in_costs_nothing_and_gets_a_list_with_a_code(org: Org) -> None:
    assert code_of(Client(org, "nobody").get("/limits")) == "401 INVALID_SESSION_ID"
    assert org.used == 0


def test_requests_are_counted_by_method_and_path(org: Org, client: Client) -> None:
    client.get("/limits")
    client.send("PATCH", f"/sobjects/Lead/{org.lead_ids[0]}", {"Title": "CTO"})
    assert org.requests == [f"GET {DATA}/limits", f"PATCH {DATA}/sobjects/Lead/{org.lead_ids[0]}"]
    assert (org.count("PATCH"), org.count(f"GET {DATA}"), org.count("POST")) == (1, 1, 0)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("limit", "403 REQUEST_LIMIT_EXCEEDED"),
        ("401", "401 INVALID_SESSION_ID"),
        ("503", "503 SERVER_UNAVAILABLE"),
        ("lock", "400 UNABLE_TO_LOCK_ROW"),
        ("error-one", "400 FIELD_CUSTOM_VALIDATION_EXCEPTION"),
    ],
)
def test_a_fault_refuses_one_write_and_leaves_nothing(
    org: Org, client: Client, fault: str, code: str
) -> None:
    org.strike("", fault)
    body = decision(org.lead_ids[0])
    assert client.send("PATCH", row_path("K1"), body).status_code == 201
    assert client.query("SELECT Id FROM Lead").status_code == 200
    assert code_of(client.send("PATCH", row_path("K2"), body)) == code
    assert client.send("PATCH", row_path("K3"), body).status_code == 201
    assert [key for key, _ in org.effects()] == ["K1", "K3"]


@pytest.mark.parametrize(
    ("fault", "code"), [("lock", "UNABLE_TO_LOCK_ROW"), ("error-one", "FIELD_CUSTOM_VALIDATION_EXCEPTION")]
)
def test_a_fault_inside_of_a_batch_strikes_its_first_graph(
    org: Org, client: Client, fault: str, code: str
) -> None:
    org.strike(fault)
    told = graphs(client, *(graph(f"g{n}", org.lead_ids[n], f"K{n}") for n in range(3)))
    assert [one["isSuccessful"] for one in told] == [False, True, True]
    assert codes(told[0])[0] == f"400 {code}"
    assert [key for key, _ in org.effects()] == ["K1", "K2"]


def test_a_partial_answer_leaves_out_half_of_what_was_done(org: Org, client: Client) -> None:
    org.strike("partial")
    told = graphs(client, *(graph(f"g{n}", org.lead_ids[n], f"K{n}") for n in range(4)))
    assert [one["graphId"] for one in told] == ["g0", "g1"]
    assert len(org.effects()) == 4


def test_a_server_may_break_after_it_has_done_its_work(org: Org, client: Client) -> None:
    org.strike("500")
    assert code_of(client.send("PATCH", row_path("K"), decision(org.lead_ids[0]))) == "500 UNKNOWN_EXCEPTION"
    assert org.effects() == [("K", "accepted")]


def test_a_fault_that_nobody_knows_is_a_mistake_in_the_test(org: Org) -> None:
    with pytest.raises(AssertionError):
        org.strike("429")


def test_a_colleague_takes_a_lead_between_the_sending_and_the_judging(org: Org, client: Client) -> None:
    from email.utils import format_datetime

    seen = format_datetime(org.lead(org.lead_ids[0])["LastModifiedDate"], usegmt=True)
    org.take_while_writing(org.lead_ids[0])
    client.query("SELECT Id FROM Lead")
    assert org.standing(org.lead_ids[0])[1] == org.me
    told = graphs(client, graph("g", org.lead_ids[0], "K", If_Unmodified_Since=seen))
    assert codes(told[0])[0] == "412 PRECONDITION_FAILED"
    assert org.standing(org.lead_ids[0]) == ("Open - Not Contacted", org.colleague, False)


def test_reads_by_post_are_no_writes(org: Org, client: Client) -> None:
    org.strike("503")
    read = {"method": "GET", "url": f"{DATA}/limits", "referenceId": "a"}
    assert client.send("POST", "/composite", {"compositeRequest": [read]}).status_code == 200
    body = {"ids": [org.lead_ids[0]], "fields": ["Id"]}
    assert client.send("POST", "/composite/sobjects/Lead", body).status_code == 200
    assert org.faults == ["503"]


def test_standing_tells_what_became_of_a_lead(org: Org) -> None:
    org.restatus(org.lead_ids[0], "Working - Contacted")
    org.reassign(org.lead_ids[0], org.queue)
    org.archive(org.lead_ids[1])
    org.delete(org.lead_ids[2], into=org.lead_ids[3])
    assert [org.standing(one) for one in org.lead_ids] == [
        ("Working - Contacted", org.queue, False),
        ("Closed - Converted", org.me, True),
        ("deleted", org.lead_ids[3]),
        ("Open - Not Contacted", org.me, False),
    ]


def test_two_changes_behind_the_reps_back_are_a_second_apart(org: Org) -> None:
    org.retitle(org.lead_ids[0], "One")
    first = org.lead(org.lead_ids[0])["SystemModstamp"]
    org.retitle(org.lead_ids[0], "Two")
    assert org.lead(org.lead_ids[0])["SystemModstamp"] > first


def test_marketing_types_into_the_row_the_lead_or_a_task(org: Org, client: Client) -> None:
    client.send("PATCH", row_path("K"), decision(org.lead_ids[0]))
    org.type_answer(org.lead_ids[0], "We changed it.", "changed")
    row = client.get(row_path("K")).json()
    assert (row["Marketing_Answer__c"], row["Answer_Kind__c"]) == ("We changed it.", "changed")
    org.type_answer(org.lead_ids[1], "No.", "no_change")
    assert client.get(f"/sobjects/Lead/{org.lead_ids[1]}").json()["Triage_Answer__c"] == "No."
    org.type_answer(org.lead_ids[2], "Soon.", "planned", by_task=True)
    assert org.tasks_on(org.lead_ids[2])[0]["Subject"] == "Triage answer: planned"


def test_an_opportunity_is_won(org: Org, client: Client) -> None:
    org.archive(org.lead_ids[0])
    org.close_opportunity(org.lead_ids[0], won=True)
    row = client.records("SELECT StageName, IsWon, IsClosed FROM Opportunity")[0]
    assert (row["StageName"], row["IsWon"], row["IsClosed"]) == ("Closed Won", True, True)


@pytest.mark.parametrize(("fault", "done"), [("drop-before", 0), ("drop-after", 1)])
def test_a_lost_connection_leaves_open_whether_it_was_done(
    wired: tuple[Org, httpx.Client], fault: str, done: int
) -> None:
    org, http = wired
    before = len(org.effects())
    org.strike(fault)
    with pytest.raises(httpx.RemoteProtocolError):
        http.patch(DATA + row_path(fault), json=decision(org.lead_ids[0]))
    assert len(org.effects()) - before == done
    assert http.get(f"{DATA}/limits").status_code == 200


def test_an_org_that_is_down_answers_nobody(wired: tuple[Org, httpx.Client]) -> None:
    org, http = wired
    org.down = True
    with pytest.raises(httpx.TransportError):
        http.get(f"{DATA}/limits")
    org.down = False
    assert http.get(f"{DATA}/limits").status_code == 200


def test_answers_on_the_wire_are_json_and_those_without_a_body_have_none(
    wired: tuple[Org, httpx.Client],
) -> None:
    org, http = wired
    listed = http.get(f"{DATA}/query", params={"q": "SELECT Name FROM Lead WHERE LastName LIKE 'Exa%'"})
    assert listed.headers["Content-Type"].startswith("application/json")
    assert listed.json()["totalSize"] == 4
    changed = http.patch(f"{DATA}/sobjects/Lead/{org.lead_ids[1]}", json={"Title": "ü"})
    assert (changed.status_code, changed.content) == (204, b"")


def test_ten_thousand_leads_come_in_five_pages() -> None:
    org = Org(leads=10_000)
    client = Client(org)
    page = client.query(f"SELECT Id FROM Lead WHERE OwnerId = '{org.me}' ORDER BY SystemModstamp, Id").json()
    sizes = [len(page["records"])]
    while not page["done"]:
        page = client.get(page["nextRecordsUrl"]).json()
        sizes.append(len(page["records"]))
    assert sizes == [2000] * 5


def test_the_stand_in_shares_no_code_with_the_product() -> None:
    folder = Path(str(package.__file__)).parent
    trees = [ast.parse(path.read_text("utf-8")) for path in folder.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    froms = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert len(trees) > 20
    assert {name for name in froms | plain if name.split(".")[0] in {"triage", "screens", "config"}} == set()
