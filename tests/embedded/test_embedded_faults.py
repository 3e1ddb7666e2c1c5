from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.embedded_server import RunningServer, running_server
from tests.loopback import NO_TLS
from triage.embedded.faults import NAMES, FaultPlan, listed_plan, parse_plan

WRITE = ("POST", "/v1/decisions")
READ = ("GET", "/v1/leads")
WRITES_ONLY = [name for name in NAMES if "commit" in name] + ["conflict", "reassign", "partial"]


@contextmanager
def struck(
    *faults: tuple[int | str, str],
) -> Iterator[tuple[RunningServer, httpx.Client]]:
    with running_server(faults=faults) as server, httpx.Client(base_url=server.url, verify=NO_TLS) as client:
        client.headers["Authorization"] = f"Bearer {server.rep_token}"
        yield server, client
        server.stop()
        assert server.process.stderr is not None
        assert server.process.stderr.read() == "", "a fault is no failure of the server"


def accept(client: httpx.Client, *, count: int = 1) -> dict[str, Any]:
    """Return a body that accepts the first leads."""
    leads = [lead for lead in client.get("/v1/leads").json()["items"] if lead["status"] == "assigned"][:count]
    return {
        "items": [
            {
                "decision_id": f"d-{lead['lead_id']}",
                "lead_id": lead["lead_id"],
                "act": "accept",
                "decided_at": "2026-11-20T09:00:00Z",
                "seen": {"owner_id": "U-01", "status": "assigned", "version": lead["version"]},
            }
            for lead in leads
        ]
    }


def effects(server: RunningServer) -> list[str]:
    headers = {"Authorization": f"Bearer {server.marketing_token}"}
    return [
        row["id"]
        for row in httpx.get(f"{server.url}/v1/effects", headers=headers, verify=NO_TLS).json()["items"]
    ]


def test_a_plan_is_read_with_and_without_chances() -> None:
    assert parse_plan("latency, 429:0.3,drop-after-commit:1").chances == (
        ("latency", 0.1),
        ("429", 0.3),
        ("drop-after-commit", 1.0),
    )
    assert parse_plan("").chances == ()


@pytest.mark.parametrize("text", ["typo", "latency:2", "latency:-1", "latency:x", "latency:nan", "Latency"])
def test_an_unknown_fault_or_an_odd_chance_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="fault"):
        parse_plan(text)


def test_an_unknown_fault_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="drop-after-commit"):
        parse_plan("drop")
    with pytest.raises(ValueError, match="drop-after-commit"):
        listed_plan([(0, "drop")])


def test_the_same_seed_strikes_the_same_requests() -> None:
    def struck_by(seed: int) -> list[frozenset[str]]:
        plan = parse_plan("429:0.3,latency:0.3,drop-after-commit:0.3", seed)
        return [plan.strike(*WRITE) for _ in range(200)]

    assert struck_by(1) == struck_by(1)
    assert struck_by(1) != struck_by(2)
    assert 30 < sum("429" in faults for faults in struck_by(1)) < 90


def test_one_request_has_at_most_one_fault_beside_latency() -> None:
    plan = parse_plan(",".join(f"{name}:1" for name in NAMES))
    assert plan.strike(*WRITE) == {"latency", "429"}


@pytest.mark.parametrize("name", WRITES_ONLY)
def test_write_faults_leave_reads_alone(name: str) -> None:
    plan = parse_plan(f"{name}:1")
    assert plan.strike(*READ) == frozenset()
    assert plan.strike("POST", "/v1/replies") == frozenset()
    assert plan.strike(*WRITE) == {name}
    assert plan.strike("POST", "/v1/feedback") == {name}


def test_a_listed_fault_strikes_its_request_once() -> None:
    plan = listed_plan([(1, "html"), ("/v1/decisions", "drop-after-commit"), ("GET /v1/leads", "429")])
    assert plan.strike("GET", "/v1/me") == frozenset()
    assert plan.strike("GET", "/v1/me") == {"html"}
    assert plan.strike(*WRITE) == {"drop-after-commit"}
    assert plan.strike(*WRITE) == frozenset()
    assert plan.strike("GET", "/v1/leads") == {"429"}


def test_a_plan_without_entries_strikes_nothing() -> None:
    assert FaultPlan().strike(*WRITE) == frozenset()


@pytest.mark.parametrize(
    ("name", "status"), [("429", 429), ("401", 401), ("html", 200), ("500-before-commit", 500)]
)
def test_these_answer_without_applying(name: str, status: int) -> None:
    with struck(("POST /v1/decisions", name)) as (server, client):
        body = accept(client)
        answer = client.post("/v1/decisions", json=body)
        assert answer.status_code == status
        assert effects(server) == []
        assert client.post("/v1/decisions", json=body).json()["results"][0]["outcome"] == "applied"


def test_429_says_how_long_to_wait_and_html_is_no_json() -> None:
    with struck(("/v1/me", "429"), ("/v1/me", "html")) as (_, client):
        assert client.get("/v1/me").headers["retry-after"] == "1"
        page = client.get("/v1/me")
        assert page.headers["content-type"].startswith("text/html")
        with pytest.raises(json.JSONDecodeError):
            page.json()


def test_500_after_commit_has_applied() -> None:
    with struck(("POST /v1/decisions", "500-after-commit")) as (server, client):
        body = accept(client)
        assert client.post("/v1/decisions", json=body).status_code == 500
        assert effects(server) == [body["items"][0]["decision_id"]]
        assert client.post("/v1/decisions", json=body).json()["results"][0]["outcome"] == "already"


@pytest.mark.parametrize(("name", "applied"), [("drop-before-commit", 0), ("drop-after-commit", 1)])
def test_a_drop_cuts_the_connection_without_an_answer(name: str, applied: int) -> None:
    with struck(("POST /v1/decisions", name)) as (server, client):
        body = accept(client)
        with pytest.raises((httpx.NetworkError, httpx.RemoteProtocolError)):
            client.post("/v1/decisions", json=body)
        assert len(effects(server)) == applied
        outcome = client.post("/v1/decisions", json=body).json()["results"][0]["outcome"]
        assert outcome == ("already" if applied else "applied")
        assert len(effects(server)) == 1


@pytest.mark.parametrize("name", ["drop-before-commit", "drop-after-commit"])
def test_a_drop_resets_the_connection_at_the_level_of_tcp(name: str) -> None:
    with struck(("POST /v1/decisions", name)) as (server, client):
        body = json.dumps(accept(client)).encode()
        head = f"POST /v1/decisions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.rep_token}\r\n"
        with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as plug:
            plug.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            with pytest.raises(ConnectionResetError):
                plug.recv(1)
        assert client.get("/v1/me").status_code == 200


def test_truncate_breaks_off_in_the_middle_of_an_applied_write() -> None:
    with struck(("POST /v1/decisions", "truncate")) as (server, client):
        body = accept(client)
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
            client.post("/v1/decisions", json=body)
        assert len(effects(server)) == 1


def test_truncate_breaks_off_a_long_page_too() -> None:
    with struck(("/v1/leads", "truncate")) as (_, client):
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
            client.get("/v1/leads")
        assert len(client.get("/v1/leads").json()["items"]) == 12


def test_partial_applies_all_and_tells_of_all_but_one() -> None:
    with struck(("POST /v1/decisions", "partial")) as (server, client):
        body = accept(client, count=3)
        results = client.post("/v1/decisions", json=body).json()["results"]
        assert len(results) == 2
        assert len(effects(server)) == 3
        assert len(client.post("/v1/decisions", json=body).json()["results"]) == 3
        assert len(effects(server)) == 3


def test_conflict_is_a_colleague_who_was_quicker_and_mine_can_still_be_kept() -> None:
    with struck(("POST /v1/decisions", "conflict")) as (_, client):
        body = accept(client, count=2)
        first, second = client.post("/v1/decisions", json=body).json()["results"]
        assert (first["outcome"], second["outcome"]) == ("conflict", "applied")
        theirs = first["theirs"]
        assert theirs["owner"]["user_id"] == "U-01"
        assert theirs["changed_by"] != "Robin Vale"
        body["items"][0]["seen"] = {
            "owner_id": "U-01",
            "status": theirs["status"],
            "version": theirs["version"],
        }
        again = client.post("/v1/decisions", json=body).json()["results"]
        assert [row["outcome"] for row in again] == ["applied", "already"]


def test_reassign_gives_the_lead_to_a_colleague() -> None:
    with struck(("POST /v1/decisions", "reassign")) as (_, client):
        cursor = client.get("/v1/leads").json()["next_cursor"]
        body = accept(client)
        result = client.post("/v1/decisions", json=body).json()["results"][0]
        assert result["outcome"] == "conflict"
        assert result["theirs"]["owner"]["user_id"] == "U-02"
        gone = client.get("/v1/leads", params={"cursor": cursor}).json()["gone"]
        assert gone == [body["items"][0]["lead_id"]]


def test_latency_only_delays() -> None:
    with struck(("/v1/me", "latency")) as (_, client):
        assert client.get("/v1/me").json()["user_id"] == "U-01"


def test_faults_leave_strangers_and_the_health_check_alone() -> None:
    with running_server(faults="drop-after-commit:1,429:1") as server:
        assert httpx.get(f"{server.url}/healthz", verify=NO_TLS).status_code == 200
        assert httpx.get(f"{server.url}/v1/me", verify=NO_TLS).status_code == 401
        headers = {"Authorization": f"Bearer {server.rep_token}"}
        assert httpx.get(f"{server.url}/v1/me", headers=headers, verify=NO_TLS).status_code == 429
