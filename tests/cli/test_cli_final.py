"""At a shell: what the CRM cannot take back has to be said twice, and why a score is what it is can be asked."""

from __future__ import annotations

from pathlib import Path

from tests.cli.inside import Inside
from tests.embedded_server import running_server
from triage.desk.rules import PROVIDED
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
