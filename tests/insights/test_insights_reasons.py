"""Reasons: the codes of each act by weight, and what they point at."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings

from tests.insights.told_worlds import afterwards, decision_worlds, figure, is_share, line, triaged
from tests.insights.world import decided, evidence
from triage.insights import reasons
from triage.insights.evidence import Evidence

REFUSALS = ("reject", "recycle", "disqualify")


def _rejects(code: str | None, times: int, **more: object) -> list[object]:
    return [decided("reject", reason=code, **more) for _ in range(times)]


def test_codes_are_ranked_with_their_share_and_the_share_so_far() -> None:
    world = evidence(
        *_rejects("LOW_INTENT", 1), *_rejects("NOT_A_BUYER", 3), decided("recycle", reason="BAD_TIMING")
    )
    insight = reasons.of(world)
    first, second, total = insight.rows[:3]
    assert [first.label, second.label] == [
        "student, job seeker, vendor, press",
        "activity too light for an MQL",
    ]
    assert [figure(insight, row, "share").value for row in (first, second)] == [0.75, 0.25]
    assert [figure(insight, row, "cumulative").value for row in (first, second)] == [0.75, 1.0]
    assert figure(insight, first, "code").text == "NOT_A_BUYER"
    assert figure(insight, first, "kind").text == "exclusion"
    assert figure(insight, first, "against").text == "yes"
    assert figure(insight, second, "owner").text == "scoring"
    assert total.is_total
    assert total.label == "all to reject"


def test_only_a_code_other_than_other_is_structured() -> None:
    world = evidence(
        *_rejects("OTHER", 1),
        *_rejects("other", 1),
        *_rejects(None, 1),
        *_rejects("LOW_INTENT", 2),
        decided(),
    )
    insight = reasons.of(world)
    structured = figure(insight, line(insight, "all non-accepts"), "structured")
    assert (structured.k, structured.n) == (2, 5)


def test_a_definitional_reject_points_at_its_line() -> None:
    world = evidence(
        *_rejects("WRONG_PERSONA", 2, params={"criterion": "title-level"}),
        *_rejects("WRONG_PERSONA", 1),
        *_rejects("LOW_INTENT", 1, params={"contribution": "webinar attended"}),
        *_rejects("NOT_A_BUYER", 1, params={"criterion": "title-level"}),
    )
    insight = reasons.of(world)
    named = line(insight, "WRONG_PERSONA points at: manager or above")
    assert (figure(insight, named, "of_code").k, figure(insight, named, "of_code").n) == (2, 3)
    assert line(insight, "WRONG_PERSONA points at: nothing named")
    assert line(insight, "LOW_INTENT points at: webinar attended")
    assert not any("NOT_A_BUYER points" in row.label for row in insight.rows)


def test_reasons_to_accept_stand_apart() -> None:
    world = evidence(decided(reason="STRONG_FIT"), decided(), *_rejects("NOT_A_BUYER", 1))
    insight = reasons.of(world)
    praise = line(insight, "the kind of company and person we want")
    assert (figure(insight, praise, "share").k, figure(insight, praise, "share").n) == (1, 2)
    assert figure(insight, praise, "cumulative").value is None


def test_a_refusal_after_an_accept_counts_and_is_told_apart() -> None:
    world = evidence(
        decided("disqualify", reason="NO_NEED", snapshot={"status": "working"}),
        decided("disqualify", reason="NO_NEED"),
    )
    insight = reasons.of(world)
    row = line(insight, "no need for it")
    assert figure(insight, row, "decisions").value == 2
    assert figure(insight, row, "after_accept").value == 1


def test_the_vital_few_and_a_missing_code_are_findings() -> None:
    insight = reasons.of(evidence(*_rejects("NOT_A_BUYER", 16), *_rejects("OTHER", 4)))
    assert [one.text for one in insight.findings] == [
        "1 of 2 codes makes 80% of 20 rejects: NOT_A_BUYER 16.",
        "OTHER makes 20% of 20 refusals: its notes may tell which code is missing.",
    ]


def test_a_retired_code_keeps_its_words() -> None:
    world = evidence(*_rejects("NOT_A_BUYER", 1))
    book = world.reasons
    retired = tuple(_retired(one) for one in book.reasons)
    old = Evidence.of(
        world.decisions,
        (),
        (),
        definition=world.definition,
        reasons=type(book)(book.version, retired),
        period=world.period,
        now=world.now,
    )
    assert reasons.of(old).rows[0].label == "student, job seeker, vendor, press"


def _retired(reason: object) -> object:
    from msgspec.structs import replace

    return replace(reason, active=False)


@settings(max_examples=60, deadline=None)
@given(world=decision_worlds)
def test_every_code_equals_a_recount(world: Evidence) -> None:
    insight = reasons.of(world)
    events = [*triaged(world), *afterwards(world)]
    for act in REFUSALS:
        of_act = [one for one in events if one.act == act]
        uses = Counter((one.reason or "").strip().upper() for one in of_act)
        told = [
            row
            for row in insight.rows
            if figure(insight, row, "act").text == act and not row.is_total and "points at" not in row.label
        ]
        assert {
            figure(insight, row, "code").text: figure(insight, row, "decisions").value for row in told
        } == uses
        so_far = 0
        for row in told:
            code = figure(insight, row, "code").text
            mine = [one for one in of_act if (one.reason or "").strip().upper() == code]
            so_far += len(mine)
            ids = [one.lead_id for one in of_act]
            assert is_share(figure(insight, row, "share"), [one.lead_id for one in mine], ids)
            assert figure(insight, row, "cumulative").k == so_far
            assert figure(insight, row, "cumulative").n == len(of_act)
            late = [one for one in mine if one.snapshot["status"] not in ("assigned", "snoozed")]
            assert figure(insight, row, "after_accept").value == len(late)
        counts = [figure(insight, row, "decisions").value or 0 for row in told]
        assert counts == sorted(counts, reverse=True)
        if of_act:
            good = [one.lead_id for one in of_act if (one.reason or "").upper() not in ("", "OTHER")]
            total = line(insight, f"all to {act}")
            assert is_share(figure(insight, total, "structured"), good, [one.lead_id for one in of_act])


@settings(max_examples=50, deadline=None)
@given(world=decision_worlds)
def test_what_rejects_point_at_equals_a_recount(world: Evidence) -> None:
    insight = reasons.of(world)
    rejects = [one for one in (*triaged(world), *afterwards(world)) if one.act == "reject"]
    for code in ("WRONG_PERSONA", "LOW_INTENT"):
        mine = [one for one in rejects if one.reason == code]
        uses = Counter(one.params.get("criterion") or one.params.get("contribution") or "" for one in mine)
        labels = {"title-level": "manager or above", "": "nothing named"}
        told = {
            row.label: figure(insight, row, "of_code")
            for row in insight.rows
            if row.label.startswith(f"{code} points at: ")
        }
        assert {f"{code} points at: {labels.get(one, one)}": n for one, n in uses.items()} == {
            label: one.k for label, one in told.items()
        }
        assert all(one.n == len(mine) for one in told.values())
