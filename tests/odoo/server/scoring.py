"""Predictive lead scoring: what was won and lost before, as a probability, and the tooltip that explains it.

The tooltip writes; at 0.00 its reasons are invented samples, which say nothing about the lead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.odoo.server.environment import Env, Records
from tests.odoo.server.fields import Row
from tests.odoo.server.problems import value_error
from tests.odoo.server.writing import made_of

VARIABLES = ("stage_id", "source_id", "country_id", "state_id", "phone_state", "email_state", "tag_ids")
_TAG = "tag_id"
_SMOOTHED = 0.1
"""What every count starts with, so that nothing is impossible."""
_MOST, _LEAST = 99.99, 0.01
_SHOWN = 3
_SAMPLES: dict[str, list[dict[str, Any]]] = {
    "low_3_data": [
        {"field": "email_state", "value": False, "color": False},
        {"field": "tag_id", "value": "Exploration", "color": 4},
        {"field": "stage_id", "value": "New", "color": False},
    ],
    "top_3_data": [
        {"field": "tag_id", "value": "Consulting", "color": 3},
        {"field": "country_id", "value": "Belgium", "color": False},
        {"field": "phone_state", "value": "correct", "color": False},
    ],
}
_ABSURD = {("correct", False), ("incorrect", True)}
"""A good address that counts against a lead, or a bad one for it: few leads say so, and it is left out."""


def probability(env: Env, lead: Row) -> float:
    """From 0.01 to 99.99; 0.0 where nothing is known yet or the lead is lost."""
    won, lost = _totals(env)
    if not lead["active"] or not (won and lost):
        return 0.0
    for_it, against = won / (won + lost), lost / (won + lost)
    for _name, _value, counts in _known(env, lead):
        for_it *= counts[0] / (won + _SMOOTHED)
        against *= counts[1] / (lost + _SMOOTHED)
    return round(min(max(100 * for_it / (for_it + against), _LEAST), _MOST), 2)


def recompute(env: Env, lead: Row) -> dict[str, Any]:
    """The two values after a change: a probability that somebody set by hand stays."""
    automatic = abs(lead["probability"] - lead["automated_probability"]) < _LEAST
    value = probability(env, lead)
    return {"automated_probability": value} | ({"probability": value} if automatic else {})


def train(env: Env, lead: Row, outcome: str) -> None:
    """Count a lead as won or as lost, for the scores of all others."""
    env.state.trained.append((lead["id"], outcome))
    counted = f"{outcome}_count"
    for name, value in _values(lead):
        row = _frequency(env, name, value)
        if row is None:
            start = {"variable": name, "value": value, "won_count": _SMOOTHED, "lost_count": _SMOOTHED}
            row = made_of(env.above, env["crm.lead.scoring.frequency"], start)
        env.state.tables.change(row, {counted: row[counted] + 1})


def prepare_pls_tooltip_data(env: Env, records: Records) -> dict[str, Any]:
    """Explain one lead: reasons in order, without weights."""
    if len(records.ids) != 1:
        raise value_error(f"Expected singleton: {records.model.name}{records.ids}")
    (lead,) = env.rows_of(records, "write")
    stamps = {"write_date": env.state.now, "write_uid": env.uid}
    env.state.tables.change(lead, {**recompute(env, lead), **stamps})
    computed = lead["automated_probability"]
    told = {"probability": computed, "team_name": env.name_of("crm.team", lead["team_id"]) or False}
    if not computed:
        return {**told, **_SAMPLES}
    ranked = sorted(_ranked(env, lead), reverse=True)
    top = [_shown(env, name, value) for share, name, value in ranked if share > 0.5]
    low = [_shown(env, name, value) for share, name, value in reversed(ranked) if share < 0.5]
    return {**told, "top_3_data": top[:_SHOWN], "low_3_data": low[:_SHOWN]}


def _ranked(env: Env, lead: Row) -> Iterator[tuple[float, str, str]]:
    for name, value, (for_it, against) in _shares(env, lead):
        share = for_it / (for_it + against)
        if (value, share > 0.5) not in _ABSURD:
            yield share, name, value


def _shares(env: Env, lead: Row) -> Iterator[tuple[str, str, tuple[float, float]]]:
    won, lost = _totals(env)
    for name, value, (for_it, against) in _known(env, lead):
        yield name, value, (for_it / (won + _SMOOTHED), against / (lost + _SMOOTHED))


def _shown(env: Env, name: str, value: str) -> dict[str, Any]:
    """A tag is told as "tag_id", which is no field of a lead."""
    if name == _TAG:
        tag = env["crm.tag"].rows[int(value)]
        return {"field": name, "value": tag["name"], "color": tag["color"]}
    field = env["crm.lead"].fields[name]
    said = env.name_of(field.relation, int(value)) if field.relation else value
    return {"field": name, "value": said, "color": False}


def _known(env: Env, lead: Row) -> Iterator[tuple[str, str, tuple[float, float]]]:
    for name, value in _values(lead):
        row = _frequency(env, name, value)
        if row is not None:
            yield name, value, (row["won_count"], row["lost_count"])


def _values(lead: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in VARIABLES:
        value = lead[name]
        for one in value if isinstance(value, list) else [value]:
            if one:
                yield _TAG if name == "tag_ids" else name, str(one)


def _frequency(env: Env, name: str, value: str) -> Row | None:
    rows = env["crm.lead.scoring.frequency"].rows.values()
    return next((row for row in rows if row["variable"] == name and row["value"] == value), None)


def _totals(env: Env) -> tuple[float, float]:
    """How many were won and lost: by the stages, which every lead has been in."""
    rows = [r for r in env["crm.lead.scoring.frequency"].rows.values() if r["variable"] == "stage_id"]
    return sum(row["won_count"] for row in rows), sum(row["lost_count"] for row in rows)
