"""What the app can know of a reason's parameters, lead by lead, so that it never costs the rep a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from triage.domain.act import Act
from triage.domain.dates import short_date, short_moment
from triage.domain.definition import Definition, Result
from triage.domain.lead import Lead
from triage.domain.people import Person, territory_owner
from triage.domain.reasons import Reason
from triage.domain.score import Dimension
from triage.errors import UsageError

NAMES = frozenset(
    {"criterion", "contribution", "field", "lead_id", "account", "to", "note", "attempts"}
    | {"until", "signal", "competitor", "ends", "feature", "wake"}
)
"""The names `--param` takes."""
DATES = frozenset({"until", "ends", "wake"})
WAKES = frozenset({"until", "wake"})
NO_WAKE = "none"
"""Said outright: this lead is not to come back by itself."""


class Filled(Struct, frozen=True):
    """The parameters of one decision: what was given, and what was known without asking."""

    params: dict[str, str]
    disagrees_with: str | None = None


def fill(
    lead: Lead,
    act: Act,
    reason: Reason | None,
    given: Mapping[str, str],
    *,
    definition: Definition,
    people: Sequence[Person],
    today: date,
    now: datetime | None = None,
) -> Filled:
    """Complete the given parameters with what the lead, the definition and the code itself say.

    With `now` a snooze may end at a time too. UsageError when a date that was given cannot be read.
    """
    times = now if act is Act.SNOOZE else None
    params = {name: _read(name, value, today, times) for name, value in given.items() if value.strip()}
    needed = reason.requires if reason else ("to" if act is Act.REROUTE else None)
    if needed and needed not in params:
        known = _known(needed, lead, definition, people, reason.facts if reason else ())
        if known:
            params[needed] = known
    if act is Act.RECYCLE and reason is not None:
        _add_wake(params, reason, today)
    return Filled(params, _disagreement(lead, reason, definition))


def _disagreement(lead: Lead, reason: Reason | None, definition: Definition) -> str | None:
    """Name the definition when every line passes and yet the lead is said not to meet it."""
    if reason is None or not reason.points_at_definition or not definition.criteria:
        return None
    every_line_passes = all(line.result is Result.PASS for line in definition.trace(lead.facts))
    return f"definition v{definition.version}" if every_line_passes else None


def _read(name: str, value: str, today: date, now: datetime | None = None) -> str:
    text = value.strip()
    if name == "wake" and text.lower() == NO_WAKE:
        return NO_WAKE
    if name not in DATES:
        return text
    moment = short_moment(text, now) if now is not None and name == "until" else None
    if moment is not None:
        return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    when = short_date(text, today)
    if name in WAKES and when <= today:
        raise UsageError(f"{when.isoformat()} is not in the future.", hint=f"Give {name} a later date.")
    return when.isoformat()


def _known(
    name: str, lead: Lead, definition: Definition, people: Sequence[Person], about: Sequence[str]
) -> str | None:
    """Return what can be known of one parameter without asking, or None."""
    if name == "criterion":
        criterion = definition.unmet(lead.facts, about)
        return criterion.criterion_id if criterion else None
    if name == "to":
        return territory_owner(lead, people)
    read = _FROM_LEAD.get(name)
    return read(lead) if read else None


def _tipping_contribution(lead: Lead) -> str | None:
    part = lead.score.strongest(Dimension.ENGAGEMENT) if lead.score else None
    return part.label if part else None


_FROM_LEAD: dict[str, Callable[[Lead], str | None]] = {
    "contribution": _tipping_contribution,
    "lead_id": lambda lead: lead.account.duplicate_of.lead_id if lead.account.duplicate_of else None,
    "account": lambda lead: lead.account.name or lead.company or None,
    "attempts": lambda lead: str(lead.attempts) if lead.attempts is not None else None,
    "field": lambda lead: next(
        (name for name in ("email", "phone", "company") if not getattr(lead, name)), None
    ),
}


def _add_wake(params: dict[str, str], reason: Reason, today: date) -> None:
    """Give a recycled lead its way back: a date that was said, a signal, or the code's own days."""
    if reason.requires == "until" and "until" not in params and reason.default_wake_days:
        params["until"] = (today + timedelta(days=reason.default_wake_days)).isoformat()
    if "wake" in params or "signal" in params:
        return
    if "until" in params:
        params["wake"] = params["until"]
    elif "ends" in params:
        params["wake"] = _before_end(params["ends"], reason, today)
    elif reason.default_wake_days:
        params["wake"] = (today + timedelta(days=reason.default_wake_days)).isoformat()


def _before_end(ends: str, reason: Reason, today: date) -> str:
    """Wake before a contract's end by the code's own days, but never in the past."""
    early = date.fromisoformat(ends) - timedelta(days=reason.default_wake_days or 0)
    return max(early, today + timedelta(days=1)).isoformat()
