"""Every field of a lead that the contract knows, given wrongly: it costs that field, it is counted, and no other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.crm.contract_sample import Path, full_lead, paths_of, replaced
from triage.crm.rest.leads import read_leads
from triage.domain.lead import Lead

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
LEAD = full_lead()
PATHS = tuple(paths_of(LEAD))
FREE = ("facts", "archived")
"""A fact may be of any plain kind; whether a lead is archived is told by its being gone."""
WHOLE_LEADS = [LEAD | {"lead_id": "L-1"}, LEAD | {"lead_id": "L-3"}]
QUICK = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LONG = settings(QUICK, max_examples=5_000)

plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud800")
anything = st.recursive(
    plain
    | st.sampled_from([10**400, "x" * 20_001, "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
paths = st.sampled_from(PATHS)


def kind(value: Any) -> str:
    """Return what JSON calls it; a whole number is a number too."""
    if isinstance(value, bool) or value is None:
        return str(value)
    return "number" if isinstance(value, int | float) else type(value).__name__


def at(path: Path) -> Any:
    value: Any = LEAD
    for name in path:
        value = value[name]
    return value


def read_between(wrong: Any) -> tuple[tuple[Lead, ...], dict[str, int]]:
    """Read a lead between two whole ones."""
    return read_leads([WHOLE_LEADS[0], wrong, WHOLE_LEADS[1]], NOW)


def test_the_sample_has_every_field_and_all_of_it_is_read():
    leads, unread = read_leads([LEAD], NOW)
    assert unread == {}
    assert len(PATHS) > 100
    empty = Lead(leads[0].lead_id)
    unset = [name for name in Lead.__slots__ if getattr(leads[0], name) == getattr(empty, name)]
    assert set(unset) <= {"lead_id", "contact_known"}


@pytest.mark.parametrize(
    "path", [path for path in PATHS if path[0] not in FREE], ids=lambda p: ".".join(map(str, p))
)
def test_a_field_of_the_contract_of_a_wrong_kind_costs_itself_and_is_counted(path):
    others: list[Any] = [7, 7.5, "text", True, [[]], {"a": []}]
    expected = read_between(LEAD)[0][1]
    for other in others:
        if kind(other) == kind(at(path)):
            continue
        leads, unread = read_between(replaced(LEAD, path, other))
        assert sum(unread.values()) >= 1, (path, other)
        ids = [lead.lead_id for lead in leads]
        assert ids == (["L-1", "L-3"] if path == ("lead_id",) else ["L-1", "text", "L-3"])
        if len(leads) == 3:
            changed = [name for name in Lead.__slots__ if getattr(leads[1], name) != getattr(expected, name)]
            contact = {"contact_known"} if path[0] == "contacted_at" else set()
            assert set(changed) <= {path[0]} | contact, (path, other, changed)


def never_an_exception(path: Path, other: Any) -> None:
    leads, _ = read_between(replaced(LEAD, path, other))
    assert [lead.lead_id for lead in leads if lead.lead_id in ("L-1", "L-3")] == ["L-1", "L-3"]
    assert read_between(None)[0][0] == leads[0]


@QUICK
@given(paths, anything)
def test_no_value_whatever_in_any_field_is_an_error_or_touches_another_lead(path, other):
    never_an_exception(path, other)


@pytest.mark.soak
@LONG
@given(paths, anything)
def test_no_value_whatever_in_any_field_is_an_error_in_the_long_run(path, other):
    never_an_exception(path, other)


@QUICK
@given(st.lists(paths, min_size=1, max_size=12), anything)
def test_many_wrong_fields_at_once_leave_the_lead_with_its_id(several, other):
    wrong = LEAD
    for path in several:
        if path != ("lead_id",) and reachable(wrong, path):
            wrong = replaced(wrong, path, other)
    leads, _ = read_between(wrong)
    assert [lead.lead_id for lead in leads] == ["L-1", "text", "L-3"]


def reachable(value: Any, path: Path) -> bool:
    for name in path[:-1]:
        value = value.get(name) if isinstance(value, dict) and isinstance(name, str) else None
        if not isinstance(value, dict):
            return False
    return isinstance(value, dict) and path[-1] in value
