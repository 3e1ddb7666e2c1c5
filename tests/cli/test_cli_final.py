"""At a shell: what is final is said twice, why a score is as it is can be asked, an ending sign-in is renewed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.cli.inside import Inside
from tests.embedded_server import running_server
from triage.clock import utc_now
from triage.crm.rest import RestCrm
from triage.desk.rules import PROVIDED
from triage.domain.people import Rep
from triage.domain.provided import Provided
from triage.store.leads import Leads


def signed_in(folder: Path, server: object, gives: Provided) -> Inside:
    """A rep whose CRM says that it gives this."""
    shell = Inside(folder, token=server.rep_token)  # type: ignore[attr-defined]
    shell.ok("login", "work", "--url", server.url)  # type: ignore[attr-defined]
    shell.ok("pull")
    (path,) = shell.home.rglob("leads.journal")
    leads = Leads(path)
    leads.remember_rules({PROVIDED: gives})
    leads.close()
    return shell


def test_what_is_final_is_decided_only_by_who_says_yes(tmp_path: Path) -> None:
    with running_server(leads=12) as server:
        shell = signed_in(tmp_path, server, Provided("BottleCRM", final=("accept",)))
        first, second = [lead["lead_id"] for lead in shell.ok("list", "--json").json][:2]
        told = shell.said(2, "decide", "accept", first)
        assert "BottleCRM cannot take back what is accepted once it is sent." in told
        assert "--yes" in told
        assert shell.ok("queue", "list", "--json").json == []
        assert shell.ok("decide", "accept", first, "--preview").out
        assert "accepted" in shell.ok("decide", "accept", first, "--yes").out
        assert "rejected" in shell.ok("decide", "reject", second, "--reason", "NOT_A_BUYER").out


def test_a_conflict_is_kept_for_good_only_by_who_says_yes(tmp_path: Path) -> None:
    with running_server(leads=12, faults="reassign:1") as server:
        shell = signed_in(tmp_path, server, Provided("embedded"))
        shell.ok("decide", "accept", shell.ok("list", "--json").json[0]["lead_id"])
        shell.said(1, "sync")
        (item,) = shell.ok("queue", "--json").json
        assert "1 needs you" in shell.ok("queue").err
        (path,) = shell.home.rglob("leads.journal")
        leads = Leads(path)
        leads.remember_rules({PROVIDED: Provided("BottleCRM", final=("accept",))})
        leads.close()
        told = shell.said(2, "queue", "resolve", item["id"], "--keep-mine")
        assert "BottleCRM cannot take back what is accepted once it is sent." in told
        assert "--yes" in told
        assert shell.ok("queue", "--json").json[0]["state"] == "conflict"
        shell.ok("queue", "resolve", item["id"], "--keep-mine", "--yes")
        assert "conflict" not in {one["state"] for one in shell.ok("queue", "--json").json}


def test_a_crm_that_tells_no_more_about_a_score_is_not_asked(tmp_path: Path) -> None:
    with running_server(leads=12) as server:
        shell = signed_in(tmp_path, server, Provided("HubSpot"))
        lead_id = shell.ok("list", "--json").json[0]["lead_id"]
        assert "HubSpot tells no more about a score" in shell.said(1, "explain", lead_id)


def test_one_that_has_no_word_for_it_is_said_to_have_no_reasons(tmp_path: Path) -> None:
    with running_server(leads=12) as server:
        shell = signed_in(tmp_path, server, Provided("Odoo", explains=True))
        lead_id = shell.ok("list", "--json").json[0]["lead_id"]
        assert "Odoo has no reasons for this score." in shell.said(1, "explain", lead_id)


def test_signing_in_again_needs_no_name_of_the_profile(tmp_path: Path) -> None:
    with running_server(leads=3) as server:
        shell = Inside(tmp_path, token=server.rep_token)
        assert "triage login work" in shell.said(2, "login")
        shell.ok("login", "work", "--url", server.url)
        assert "profile work" in shell.ok("login").err


def test_the_doctor_says_that_the_sign_in_ends_though_no_sync_has_met_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def whoami(crm: RestCrm) -> Rep:
        return replace(await asked(crm), access_ends=utc_now() + timedelta(days=3))

    asked = RestCrm.whoami
    with running_server(leads=3) as server:
        shell = Inside(tmp_path, token=server.rep_token)
        shell.ok("login", "work", "--url", server.url)
        assert "The sign-in ends" not in shell.ok("doctor").err
        monkeypatch.setattr(RestCrm, "whoami", whoami)
        assert "crm: The sign-in ends on" in shell.ok("doctor").err
