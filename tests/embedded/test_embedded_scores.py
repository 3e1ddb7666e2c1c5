"""The scores of two thousand generated leads, as the adapter reads them: each adds up, or says by how much not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from triage.crm.rest.leads import read_leads
from triage.domain.lead import Lead
from triage.domain.score import RECONCILES_WITHIN
from triage.embedded.people import make

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def generated() -> list[Lead]:
    wire = [
        lead
        for lead in make(leads=2_000, seed=7, now=NOW)
        if lead["owner_id"] == "U-01" and "gone" not in lead
    ]
    leads, unread = read_leads(wire, NOW)
    assert not unread
    assert len(leads) >= 2_000
    return list(leads)


def test_every_score_adds_up_or_says_by_how_much_it_does_not(generated):
    off = 0
    for lead in generated:
        if lead.score is not None:
            parts = sum(part.points_applied for part in lead.score.contributions)
            missing = lead.score.score - lead.score.base_points - parts - lead.score.other
            assert lead.score.residual == pytest.approx(missing)
            assert lead.score.unreconciled == (abs(missing) > RECONCILES_WITHIN)
            off += lead.score.unreconciled
    assert 0 < off < len(generated) / 10


def test_each_contribution_loses_to_age_first_and_then_to_its_cap(generated):
    parts = [part for lead in generated if lead.score for part in lead.score.contributions]
    for part in parts:
        assert part.points_after_decay is not None
        assert abs(part.points_applied) <= abs(part.points_after_decay) <= abs(part.points_earned)
        assert not part.is_capped or part.group
    assert any(part.is_decayed for part in parts)
    assert any(part.is_capped and not part.is_decayed for part in parts)


def test_no_group_counts_more_than_its_cap(generated):
    caps = {"web visits": 10, "e-mail": 6, "content": 20}
    groups = [group for lead in generated if lead.score for group in lead.score.capped_groups()]
    assert {group.name for group in groups} == set(caps)
    for group in groups:
        assert group.points_applied <= caps[group.name]
        assert group.points_before_cap > group.points_applied
