"""How a recycled lead comes back, and until when a snoozed one sleeps: what is said is what holds."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.invented import DEFINITION, NOW, PEOPLE, REASONS, TODAY, a_lead
from triage.domain.act import Act
from triage.domain.dates import short_moment
from triage.domain.guard import parameter_refusal
from triage.domain.parameters import NO_WAKE, fill
from triage.errors import UsageError

RECYCLES = REASONS.of(Act.RECYCLE)
days = st.integers(1, 900).map(lambda number: (TODAY + timedelta(days=number)).isoformat())
given_params = st.fixed_dictionaries(
    {},
    optional={
        "wake": days | st.just(NO_WAKE),
        "until": days,
        "ends": days,
        "signal": st.just("opens the pricing page"),
    },
)


def filled(reason, params):
    return fill(
        a_lead(), Act.RECYCLE, reason, params, definition=DEFINITION, people=PEOPLE, today=TODAY
    ).params


@given(st.sampled_from(RECYCLES), given_params)
def test_a_recycled_lead_has_a_way_back_or_none_is_said_outright(reason, params):
    found = filled(reason, params)
    way_back = found.get("wake") or found.get("signal")
    missing = parameter_refusal(Act.RECYCLE, reason, found, DEFINITION)
    assert way_back or (missing is not None and "wake" in missing)
    if found.get("wake") == NO_WAKE:
        assert params.get("wake") == NO_WAKE


@given(st.sampled_from(RECYCLES), given_params)
def test_what_the_rep_says_of_the_way_back_is_never_changed(reason, params):
    found = filled(reason, params)
    assert {name: found[name] for name in params} == params
    if "signal" in params and "wake" not in params:
        assert "wake" not in found, "a signal alone wakes it"


@given(st.sampled_from(RECYCLES), given_params)
def test_a_lead_never_wakes_in_the_past(reason, params):
    wake = filled(reason, params).get("wake", NO_WAKE)
    assert wake == NO_WAKE or date.fromisoformat(wake) > TODAY


@given(st.sampled_from(RECYCLES))
def test_the_code_knows_its_own_way_back_wherever_it_has_one(reason):
    wake = filled(reason, {}).get("wake")
    known = reason.default_wake_days is not None and reason.requires != "ends"
    if known and reason.requires in (None, "until", "attempts"):
        assert wake == (TODAY + timedelta(days=reason.default_wake_days)).isoformat()


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("45m", "2026-05-06T10:45:00Z"),
        ("2h", "2026-05-06T12:00:00Z"),
        ("14:30", "2026-05-06T14:30:00Z"),
        ("9:05", None),
        ("tomorrow", "2026-05-07"),
        ("3d", "2026-05-09"),
        ("2026-05-06T16:00:00+02:00", "2026-05-06T14:00:00Z"),
    ],
)
def test_a_snooze_ends_at_a_time_of_today_or_on_a_day(text, until):
    def ends() -> str:
        return fill(
            a_lead(), Act.SNOOZE, None, {"until": text},
            definition=DEFINITION, people=PEOPLE, today=TODAY, now=NOW,
        ).params["until"]  # fmt: skip

    if until is None:
        with pytest.raises(UsageError, match="is past"):
            ends()
    else:
        assert ends() == until


def test_a_time_of_day_is_the_reps_own(zone):
    zone("Europe/Berlin")
    assert short_moment("14:30", NOW) == NOW.replace(hour=12, minute=30)
    zone("America/Chicago")
    assert short_moment("14:30", NOW) == NOW.replace(hour=19, minute=30)


@given(st.text(max_size=12))
def test_anything_typed_is_a_moment_to_come_or_left_to_be_a_date_or_refused(text):
    try:
        found = short_moment(text, NOW)
    except UsageError:
        return
    assert found is None or isinstance(found, datetime)
