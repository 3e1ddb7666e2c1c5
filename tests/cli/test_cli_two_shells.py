"""The story of two shells: a rep decides, offline too, and marketing sees each decision once, as it was made."""

from __future__ import annotations

from pathlib import Path

from tests.cli.shell import Shell, crm_on, free_port

SERVED = ("--no-history", "--leads", "120", "--seed", "7")
NOTHING = (
    "applied",
    "already",
    "conflict",
    "refused",
    "retry",
    "unknown",
    "fetched",
    "gone",
    "replies",
    "feedback",
)


def test_what_a_rep_decides_offline_reaches_marketing_once(tmp_path: Path) -> None:
    port = free_port()
    rep, marketing = Shell(tmp_path / "rep"), Shell(tmp_path / "marketing")
    with crm_on(port, tmp_path / "crm", *SERVED) as facts:
        rep.ok("login", "work", "--url", facts["url"], "--token-stdin", stdin=facts["rep_token"] + "\n")
        rep.token, marketing.token = facts["rep_token"], facts["marketing_token"]
        marketing.ok("login", "desk", "--url", facts["url"])
        rep.ok("pull")
        leads = rep.ok("list", "--json").json
        assert len(leads) == 120
        fresh = [lead["lead_id"] for lead in leads if not lead["contacted_at"]]
        first = [
            *rep.ok("decide", "accept", fresh[0], "--json").json,
            *rep.ok("decide", "reject", fresh[1], "--reason", "NOT_A_BUYER", "--json").json,
            *rep.ok("decide", "recycle", fresh[2], "--reason", "EARLY_RESEARCH", "--json").json,
        ]
        assert [one["state"] for one in first] == ["queued"] * 3
        told = rep.ok("feedback", "objection", fresh[3], "--category", "price", "--json").json
        assert (told["state"], told["routed_to"]) == ("queued", "product marketing")
    later = rep.ok("decide", "reject", *fresh[10:20], "--reason", "NOT_A_BUYER", "--json").json
    assert len({one["decision_id"] for one in later}) == 10
    assert "again" in rep.said(3, "sync") or "queued" in rep.printed[-1]
    assert len(rep.ok("list", "--json").json) == 107
    with crm_on(port, tmp_path / "crm", *SERVED) as again:
        assert again["rep_token"] == facts["rep_token"]
        report = rep.ok("sync", "--json").json
        assert (report["applied"], report["feedback"]) == (13, 1)
        once_more = rep.ok("sync", "--json").json
        assert {name: once_more[name] for name in NOTHING} == dict.fromkeys(NOTHING, 0)
        reviewed = {one.get("decision_id"): one for one in marketing.ok("review", "--json").json}
        ours = rep.ok("queue", "list", "--all", "--json").json
    decided = {one["id"]: one for one in ours if one["kind"] == "decision"}
    assert decided.keys() == {one["decision_id"] for one in [*first, *later]}
    for item_id, item in decided.items():
        seen = reviewed[item_id]
        assert (seen["lead_id"], seen["reason"]) == (item["lead_id"], item["reason"])
        assert seen["decided_at"] == item["decided_at"]
        assert seen["snapshot"]["lead_version"]
        assert seen["snapshot"]["definition_version"]
        assert seen["rep"]["user_id"] == "U-01"
    printed = "".join([*rep.printed, *marketing.printed])
    assert facts["rep_token"] not in printed
    assert facts["marketing_token"] not in printed


def test_each_item_is_listed_once_for_marketing(tmp_path: Path) -> None:
    rep = Shell(tmp_path / "rep")
    with crm_on(
        0, tmp_path / "crm", "--no-history", "--leads", "12", "--faults", "drop-after-commit:0.5,partial:0.5"
    ) as facts:
        rep.token = facts["rep_token"]
        rep.ok("login", "work", "--url", facts["url"])
        rep.ok("pull")
        lead_ids = [lead["lead_id"] for lead in rep.ok("list", "--json").json]
        decided = rep.run("decide", "accept", *lead_ids, "--json").json
        for _ in range(8):
            rep.run("sync")
        states = {one["state"] for one in rep.ok("queue", "--json").json}
        assert states == {"applied"}
        marketing = Shell(rep.home, token=facts["marketing_token"])
        listed = [one["decision_id"] for one in marketing.ok("review", "--json").json]
    assert sorted(listed) == sorted(one["decision_id"] for one in decided)
