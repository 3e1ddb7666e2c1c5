"""Feedback from a shell: the same types, checked by the same rules, and shown with who answers."""

from __future__ import annotations

from pathlib import Path

from tests.cli.shell import signed_in_home


def test_feedback_is_given_shown_and_answered_for_by_whom_the_crm_names(tmp_path: Path) -> None:
    with signed_in_home(tmp_path) as shell:
        first, second = [lead["lead_id"] for lead in shell.ok("list", "--json").json][:2]
        library = shell.ok("assets", "--json").json
        wanted = next(one for one in library["requests"] if one["state"] == "open")
        assert wanted["topic"] in shell.ok("assets").out.replace("…", "") or library["assets"]
        asked = ("feedback", "content-request", first, second, "--request-id", wanted["request_id"])
        told = shell.ok(*asked, "--json").json
        assert [one["routed_to"] for one in told] == ["content"] * 2
        assert len({one["batch_id"] for one in told}) == 1
        shell.ok("sync")
        (shown,) = shell.ok("show", first, "--json").json["feedback"]
        assert shown["payload"] == {"request_id": wanted["request_id"], "topic": wanted["topic"]}
        assert (shown["state"], shown["routed_to"], shown["replies"]) == ("applied", "content", [])
        assert "content request  applied → content" in shell.ok("show", first).out
        assert "is not a date" in shell.said(
            2, "feedback", "content-request", first, "--topic", "x", "--needed-by", "someday"
        )
        skipped = shell.said(1, "feedback", "win-reason", first, "--reason", "the pilot")
        assert "not won" in skipped
