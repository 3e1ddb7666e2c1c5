"""A contact's score and what moved it, to the score that the screens know. Never fails a fetch.

The reasons are the history that lead scoring keeps of a score: each entry says by how many points it went up
or down, and on what. They are summed by what happened; what was there before the history begins, is left
unsaid, or was not asked for yet, is `other`: so the parts add up to the score. Decay shows as an entry of its
own.

Not confirmed against a live account: that entries with events are engagement, those with properties fit.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from msgspec import Struct

from triage.crm.fields import Fields
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.paths import scoring
from triage.crm.hubspot.reading.score_names import ScoreNames, grades_of
from triage.crm.hubspot.values import Values, moment_of
from triage.domain.score import Contribution, Dimension, Reasons, Score
from triage.errors import CrmError, NotPermitted, NotSignedIn, RateLimited

_AT_ONCE = 3
"""Histories that are asked for at the same time: one request each."""
_KEPT_FREE = 20
"""Requests that are left for what comes after, where histories can wait."""
_ENTRIES = "100"
_UNSAID = "change without a named cause"
_TREND_DAYS = 30
_NO_LABELS: Mapping[str, str] = MappingProxyType({})


class Moved(Struct, frozen=True):
    """One entry of a score's history."""

    delta: float
    label: str
    at: datetime | None = None
    dimension: Dimension | None = None
    evidence: str = ""


class Histories:
    """What moved the scores of contacts: a request each, a few at a time, given up where not allowed.

    `labels` are what the portal calls its properties; `most` is how many are asked for, None: all.
    """

    def __init__(
        self, api: Api, names: ScoreNames, labels: Mapping[str, str] = _NO_LABELS, *, most: int | None = None
    ) -> None:
        self._api = api
        self._names = names
        self._labels = labels
        self._left = most
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._given_up = not names.has_history
        self.waiting: set[str] = set()
        """Contacts that were not asked for: they come later."""

    async def of(self, contacts: Iterable[str], unread: Counter[str]) -> dict[str, tuple[Moved, ...]]:
        """Return the histories that could be read, of the first contacts first.

        One that waits is empty; one that could not be read is counted, or is not provided: it is left out.
        """
        ids = list(dict.fromkeys(contacts))
        read = await asyncio.gather(*(self._of(one, unread) for one in ids))
        return {one: moved for one, moved in zip(ids, read, strict=True) if moved is not None}

    async def _of(self, contact_id: str, unread: Counter[str]) -> tuple[Moved, ...] | None:
        async with self._turns:
            if self._given_up:
                return None
            if not self._may_ask():
                self.waiting.add(contact_id)
                return ()
            try:
                return await self._asked(contact_id)
            except NotSignedIn:
                raise
            except NotPermitted:
                self._given_up = True
            except RateLimited:
                self._left = 0
                self.waiting.add(contact_id)
                return ()
            except CrmError:
                unread["score history"] += 1
        return None

    def _may_ask(self) -> bool:
        if self._left is None:
            return True
        self._left -= 1
        return self._left >= 0 and (self._api.left is None or self._api.left >= _KEPT_FREE)

    async def _asked(self, contact_id: str) -> tuple[Moved, ...] | None:
        params = {
            "objectTypeId": "0-1",
            "objectId": contact_id,
            "outputProperty": self._names.main,
            "limit": _ENTRIES,
        }
        path = scoring("score-values", "object-history")
        answer = await self._api.optional(path, params, expect=("results",))
        if answer is None:
            self._given_up = True
            return None
        entries = Fields(answer.body, Counter()).children("results")
        return tuple(moved_of(entry, self._labels) for entry in entries)


def moved_of(entry: Fields, labels: Mapping[str, str] = _NO_LABELS) -> Moved:
    """Return what one entry of a history says; a property by its label, where the portal has one."""
    events = list(entry.children("renderedEvents"))
    changed = entry.child("resolvedProperties")
    label, dimension = _UNSAID, None
    evidence = ""
    if events:
        label, dimension = events[0].text("heading") or _UNSAID, Dimension.ENGAGEMENT
    elif changed is not None and changed.entries():
        label, evidence = _property(changed, labels)
        dimension = Dimension.FIT
    elif entry.raw("resolvedListIds"):
        label = "membership of a list"
    at = moment_of(events[0].raw("timestamp")) if events else None
    return Moved(
        entry.number("delta") or 0.0, label, at or moment_of(entry.raw("timestamp")), dimension, evidence
    )


def _property(changed: Fields, labels: Mapping[str, str]) -> tuple[str, str]:
    """Return what a fit rule looked at, "Job title is CTO", and what was there before."""
    name = changed.entries()[0][0]
    value, shown = changed.child(name), labels.get(name, name)
    now, past = (value.text(f"{when}Value") if value is not None else "" for when in ("present", "past"))
    return f"{shown} is {now}" if now else f"{shown} changed", f"was {past}" if past else ""


def score_of(
    values: Values, names: ScoreNames, history: Sequence[Moved] | None, now: datetime
) -> Score | None:
    """Return a contact's score; None without a number, for zero would be an opinion.

    `history` is None where the portal gives none, and empty where it tells nothing, or nothing yet.
    """
    points = values.number(names.main) if names.main else None
    if points is None:
        return None
    fit_grade, engagement_grade = grades_of(values.text(names.threshold)) if names.threshold else ("", "")
    parts = tuple(_contributions(history or (), _single(names)))
    weighed = sum(part.points_applied for part in parts)
    return Score(
        score=points,
        contributions=parts,
        other=round(points - weighed, 6) if history is not None else 0.0,
        fit=values.number(names.fit) if names.fit else None,
        engagement=values.number(names.engagement) if names.engagement else None,
        fit_grade=fit_grade,
        engagement_grade=engagement_grade,
        trend=_trend(history, now),
        model_version=names.model,
        scored_at=max((one.at for one in history or () if one.at is not None), default=None),
        reasons=Reasons.WEIGHTS if history is not None else Reasons.NONE,
    )


def _single(names: ScoreNames) -> Dimension | None:
    """Return what all parts belong to where the score is of one kind only."""
    if names.total:
        return None
    return Dimension.FIT if names.fit else Dimension.ENGAGEMENT


def _contributions(history: Sequence[Moved], single: Dimension | None) -> Iterable[Contribution]:
    """Yield the entries summed by what happened, each label once; what cancels itself out is left out."""
    by_label: dict[str, list[Moved]] = {}
    for one in history:
        by_label.setdefault(one.label, []).append(one)
    for label, entries in by_label.items():
        points = round(sum(one.delta for one in entries), 6)
        if points:
            yield Contribution(
                label=label,
                dimension=single or entries[0].dimension,
                points_earned=points,
                points_applied=points,
                evidence=_evidence(entries),
                occurred_at=max((one.at for one in entries if one.at is not None), default=None),
            )


def _evidence(entries: Sequence[Moved]) -> str:
    said = next((one.evidence for one in entries if one.evidence), "")
    times = f"{len(entries)} times" if len(entries) > 1 else ""
    return ", ".join(part for part in (said, times) if part)


def _trend(history: Sequence[Moved] | None, now: datetime) -> float | None:
    """Return the points of the last 30 days, where the history reaches back as far or tells all."""
    if not history:
        return None
    recent = [one.delta for one in history if one.at is not None and (now - one.at).days < _TREND_DAYS]
    reaches = len(history) < int(_ENTRIES) or len(recent) < len(history)
    return round(sum(recent), 6) if reaches else None
