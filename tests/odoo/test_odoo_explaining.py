"""Why a lead is scored as it is: only when a person asks, and never the samples that Odoo invents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.odoo.conftest import Switchboard
from tests.odoo.reading import Reader, reading
from tests.odoo.server import Odoo
from tests.tempo import FastTempo
from triage.crm.dialect import Dialect
from triage.crm.odoo.reading.explaining import Explaining, score_in
from triage.domain.lead import LeadId
from triage.domain.score import Direction, Reasons
from triage.errors import Unreachable

METHOD = "crm.lead.prepare_pls_tooltip_data"
FIELDS = {
    "email_state": {
        "string": "Email Quality",
        "selection": [["correct", "Correct"], ["incorrect", "Incorrect"]],
    },
    "state_id": {"string": "State"},
}
TOLD = {
    "probability": 74.3,
    "team_name": "Sales",
    "top_3_data": [
        {"field": "email_state", "value": "correct", "color": False},
        {"field": "state_id", "value": "Texas", "color": False},
    ],
    "low_3_data": [{"field": "x_unknown", "value": 7, "color": False}],
}


@pytest.fixture
async def reader(switchboard: Switchboard, odoo: Odoo) -> AsyncIterator[Reader]:
    async with reading(switchboard.url, odoo) as found:
        yield found
    assert odoo.broken_rules == []


def _first(odoo: Odoo) -> LeadId:
    return LeadId(str(odoo.lead_ids[0]))


async def test_no_fetch_asks_for_reasons(reader: Reader, odoo: Odoo) -> None:
    cursor = (await reader.pages())[-1].cursor
    await reader.pages(cursor)
    assert odoo.count(METHOD) == 0


async def test_reasons_come_in_their_order_and_without_points(reader: Reader, odoo: Odoo) -> None:
    score = await Explaining(reader.api, Dialect()).explain(_first(odoo))
    assert score is not None
    assert score.reasons is Reasons.ORDER
    assert score.contributions
    assert {part.points_applied for part in score.contributions} == {0.0}
    assert {part.direction for part in score.contributions} <= {Direction.UP, Direction.DOWN}
    assert odoo.count(METHOD) == 1


async def test_reasons_stay_with_the_score_that_the_next_fetch_brings(reader: Reader, odoo: Odoo) -> None:
    cursor = (await reader.pages())[-1].cursor
    told = await Explaining(reader.api, Dialect()).explain(_first(odoo))
    fetched = (await reader.leads(cursor))[_first(odoo)].score
    assert fetched is not None
    assert fetched.with_reasons_of(told) == told


async def test_the_samples_of_a_lead_without_a_probability_are_never_shown(
    reader: Reader, odoo: Odoo
) -> None:
    odoo.unlearn()
    assert await Explaining(reader.api, Dialect()).explain(_first(odoo)) is None
    assert odoo.count(METHOD) == 1


async def test_after_a_refusal_nobody_asks_again(reader: Reader, odoo: Odoo) -> None:
    explaining = Explaining(reader.api, Dialect())
    odoo.forbid("crm.lead", "prepare_pls_tooltip_data")
    assert await explaining.is_offered()
    for _ in range(2):
        assert await explaining.explain(_first(odoo)) is None
    assert not await explaining.is_offered()
    assert odoo.count(METHOD) <= 1


@pytest.mark.parametrize("happens", [Odoo.delete, Odoo.reassign], ids=["deleted", "hidden"])
async def test_a_lead_that_is_gone_has_no_reasons_and_others_still_have(
    reader: Reader, odoo: Odoo, happens: Callable[[Odoo, int], None]
) -> None:
    explaining = Explaining(reader.api, Dialect())
    happens(odoo, odoo.lead_ids[0])
    assert await explaining.explain(_first(odoo)) is None
    assert await explaining.explain(LeadId(str(odoo.lead_ids[1]))) is not None


@pytest.mark.parametrize("lead_id", ["", "abc", "-1", "1;2"])
async def test_what_is_no_id_is_not_asked_about(reader: Reader, odoo: Odoo, lead_id: str) -> None:
    assert await Explaining(reader.api, Dialect()).explain(LeadId(lead_id)) is None
    assert odoo.count(METHOD) == 0


async def test_an_odoo_that_is_away_is_said_to_be(reader: Reader, odoo: Odoo) -> None:
    explaining = Explaining(reader.api, Dialect())
    await explaining.is_offered()
    odoo.down = True
    with pytest.raises(Unreachable):
        await explaining.explain(_first(odoo))


async def test_an_older_odoo_offers_no_reasons(switchboard: Switchboard) -> None:
    odoo = switchboard.plug(Odoo(FastTempo(), "16.0"))
    async with reading(switchboard.url, odoo) as reader:
        assert not await Explaining(reader.api, Dialect()).is_offered()
        assert await Explaining(reader.api, Dialect()).explain(_first(odoo)) is None
    assert odoo.count(METHOD) == 0


def test_names_of_fields_are_their_labels_and_options_too() -> None:
    score = score_in(TOLD, FIELDS)
    assert score is not None
    assert score.score == 74.3
    assert [(part.label, part.evidence, part.direction) for part in score.contributions] == [
        ("Email Quality", "Correct", Direction.UP),
        ("State", "Texas", Direction.UP),
        ("x_unknown", "7", Direction.DOWN),
    ]


@pytest.mark.parametrize("probability", [0, 0.0, 0.004, -3, None, "74", False])
def test_without_a_probability_nothing_is_told(probability: Any) -> None:
    assert score_in({**TOLD, "probability": probability}, FIELDS) is None


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None)
@given(_ANYTHING, _ANYTHING)
def test_an_answer_of_any_shape_is_a_score_or_none(parts: Any, entry: Any) -> None:
    score_in(parts, FIELDS)
    odd = score_in(
        {"probability": 5, "top_3_data": parts, "low_3_data": [entry, {"field": "state_id", "value": parts}]},
        FIELDS,
    )
    assert odd is not None
