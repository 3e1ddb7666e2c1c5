from __future__ import annotations

import contextlib
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.embedded_server import RunningServer, running_server, start_server
from tests.loopback import NO_TLS
from triage.embedded import server as module


def ask(server: RunningServer, path: str = "/v1/me", token: str | None = None) -> httpx.Response:
    return httpx.get(
        f"{server.url}{path}", headers={"Authorization": f"Bearer {token or server.rep_token}"}, verify=NO_TLS
    )


def accept_one_by_one(server: RunningServer) -> Iterator[str]:
    """Accept lead by lead; yield the id of each that was acknowledged."""
    for lead in ask(server, "/v1/leads").json()["items"]:
        item = {
            "decision_id": f"d-{lead['lead_id']}",
            "lead_id": lead["lead_id"],
            "act": "accept",
            "decided_at": "2026-11-20T09:00:00Z",
            "seen": {"owner_id": "U-01", "status": lead["status"], "version": lead["version"]},
        }
        headers = {"Authorization": f"Bearer {server.rep_token}"}
        answer = httpx.post(
            f"{server.url}/v1/decisions", json={"items": [item]}, headers=headers, verify=NO_TLS
        )
        assert answer.json()["results"][0]["outcome"] == "applied"
        yield item["decision_id"]


def test_it_answers_as_soon_as_it_says_that_it_listens() -> None:
    with running_server() as server:
        answer = ask(server)
        assert answer.json()["user_id"] == "U-01"
        assert answer.headers["date"].endswith("GMT")
        assert server.pid == server.process.pid
        assert ask(server, token=server.marketing_token).json()["role"] == "marketing"
        assert ask(server, token=server.token_of("U-02")).json()["user_id"] == "U-02"


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    state = tmp_path / "crm"
    with running_server(leads=8, state=state) as server:
        acknowledged = list(accept_one_by_one(server))
        server.kill()
    with running_server(leads=8, state=state) as again:
        assert (again.rep_token, again.marketing_token, again.note) == (
            server.rep_token,
            server.marketing_token,
            None,
        )
        effects = ask(again, "/v1/effects", again.marketing_token).json()["items"]
        assert [row["id"] for row in effects] == acknowledged
        assert {lead["status"] for lead in ask(again, "/v1/leads").json()["items"]} == {"accepted"}


def test_a_kill_in_the_middle_of_writes_loses_nothing_acknowledged(tmp_path: Path) -> None:
    state, acknowledged = tmp_path / "crm", list[str]()
    with running_server(leads=40, state=state) as server:
        some = threading.Event()

        def write() -> None:
            with contextlib.suppress(httpx.TransportError):
                for item_id in accept_one_by_one(server):
                    acknowledged.append(item_id)
                    if len(acknowledged) > 5:
                        some.set()

        writer = threading.Thread(target=write)
        writer.start()
        assert some.wait(20)
        server.kill()
        writer.join()
    with running_server(leads=40, state=state) as again:
        effects = ask(again, "/v1/effects", again.marketing_token).json()["items"]
        kept = [row["id"] for row in effects]
        assert kept[: len(acknowledged)] == acknowledged
        assert len(set(kept)) == len(kept)


def test_the_same_decision_from_many_connections_at_once_applies_once() -> None:
    with running_server() as server:
        lead = ask(server, "/v1/leads").json()["items"][0]
        item = {
            "decision_id": "d-1",
            "lead_id": lead["lead_id"],
            "act": "accept",
            "decided_at": "2026-11-20T09:00:00Z",
            "seen": {"owner_id": "U-01", "status": lead["status"], "version": lead["version"]},
        }
        headers = {"Authorization": f"Bearer {server.rep_token}"}

        def send(_: int) -> str:
            answer = httpx.post(
                f"{server.url}/v1/decisions", json={"items": [item]}, headers=headers, verify=NO_TLS
            )
            return str(answer.json()["results"][0]["outcome"])

        with ThreadPoolExecutor(8) as pool:
            outcomes = sorted(pool.map(send, range(8)))
        assert outcomes == ["already"] * 7 + ["applied"]
        assert len(ask(server, "/v1/effects", server.marketing_token).json()["items"]) == 1


def test_other_arguments_keep_the_data_and_say_so(tmp_path: Path) -> None:
    with running_server(leads=5, seed=1, state=tmp_path / "crm") as first:
        pass
    with running_server(leads=9, seed=2, state=tmp_path / "crm") as second:
        assert second.note is not None
        assert "5 leads, seed 1" in second.note
        assert second.rep_token == first.rep_token
        assert len(ask(second, "/v1/leads").json()["items"]) == 5


def test_a_file_that_its_owner_alone_may_read(tmp_path: Path) -> None:
    state = tmp_path / "deep" / "crm"
    with running_server(state=state) as server:
        list(accept_one_by_one(server))
        assert stat.S_IMODE(state.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in state.iterdir()} == {0o600}
        assert (state / "crm.sqlite").exists()


def test_a_folder_that_was_there_keeps_its_mode_and_the_file_is_private_all_the_same(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "crm.sqlite").touch(mode=0o644)
    with running_server(state=tmp_path):
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
        assert stat.S_IMODE((tmp_path / "crm.sqlite").stat().st_mode) == 0o600


def test_a_taken_port_is_an_error_before_anything_is_said(tmp_path: Path) -> None:
    said: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            module.serve(port=port, state=tmp_path / "crm", on_listening=said.append)
    assert said == []
    assert not (tmp_path / "crm").exists()


def test_an_unknown_fault_is_an_error_before_anything_is_said() -> None:
    said: list[object] = []
    with pytest.raises(ValueError, match="no fault"):
        module.serve(port=0, state=None, faults="typo", on_listening=said.append)
    assert said == []


def test_the_same_port_can_be_had_again_at_once() -> None:
    with running_server() as server:
        ask(server)
        port = int(server.url.rpartition(":")[2])
        server.stop()
        with running_server(port=port) as again:
            assert ask(again).status_code == 200


def test_sigterm_ends_it_cleanly_though_a_connection_is_kept_alive() -> None:
    with running_server() as server, httpx.Client(base_url=server.url, verify=NO_TLS) as client:
        assert client.get("/healthz").status_code == 200
        with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as half:
            half.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
            client.get("/healthz")
            begun = time.monotonic()
            assert server.stop() == 0
            # The one figure in these tests: without closing idle connections the end takes for ever.
            assert time.monotonic() - begun < 2


def test_it_ends_with_its_parent() -> None:
    server = start_server()
    assert server.process.stdin is not None
    server.process.stdin.close()
    assert server.process.wait(timeout=10) == 0
    for pipe in (server.process.stdout, server.process.stderr):
        assert pipe is not None
        pipe.close()


def test_it_loads_nothing_of_the_product() -> None:
    program = (
        "import sys, triage.embedded.server;"
        "print([m for m in sys.modules if m.startswith(('triage.', 'textual', 'httpx', 'tinydb', 'config.', 'screens'))"
        " and not m.startswith('triage.embedded')])"
    )
    root = Path(module.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=os.environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
