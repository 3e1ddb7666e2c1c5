"""The line over the list when rules changed, or their review is due: what, and the keys that go on. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from screens.actions import first_key
from screens.cells import Line, crop, say, width_of
from screens.ink import Ink
from screens.words import counted
from triage.domain.definition import Definition
from triage.domain.rule_news import RuleNews, Step

_VERSION = 12
"""Cells of a version's name."""
_WEEK, _FEW_DAYS = 7, 14
Place = tuple[int, int, str]
"""First column, column after the last, the action that a click there does."""


def banner_line(
    news: RuleNews,
    keymap: Mapping[str, str],
    now: datetime,
    width: int,
    ink: Ink,
    *,
    disputes: int | None = None,
) -> tuple[Line, list[Place]]:
    """Return the news on one line, and where its keys stand; where it is narrow the keys stay whole."""
    words, keys = news_said(news, now, disputes), (("rules", "shows"), ("put_away", "dismisses"))
    if news.review is not None:
        keys = (("definition", "disputes"), ("put_away", "dismisses"))
    tail = [(name, f"{first_key(name, keymap)} {does}") for name, does in keys]
    room = _room(tail, width)
    if news.review is not None and width_of(words) > room:
        tail = tail[1:]  # the question is worth more than the key to dispute, which works all the same
        room = _room(tail, width)
    line = Line(" ", ink.accent).add(crop(words, max(room, 8)), ink.accent)
    places = []
    for name, text in tail:
        line.add(" · ", ink.faint)
        start = line.width
        line.add(text, ink.text)
        places.append((start, line.width, name))
    return line, places


def _room(tail: list[tuple[str, str]], width: int) -> int:
    return width - 1 - sum(3 + width_of(text) for _name, text in tail)


def news_said(news: RuleNews, now: datetime, disputes: int | None) -> str:
    """Return what changed, or whether what is in force still holds."""
    if news.review is not None:
        return review_words(news.review, now, disputes)
    return f"Changed: {', '.join(_parts(news))}"


def _parts(news: RuleNews) -> Iterator[str]:
    if news.definition is not None:
        yield f"MQL {step_words(news.definition)}"
    if news.reasons is not None:
        yield f"codes {step_words(news.reasons)}"
    if news.models:
        yield f"score model {crop(say(news.models[-1].version), _VERSION)}"


def step_words(step: Step) -> str:
    """Return "v4 → v5"; a change under the same number is said to be one."""
    before, after = (crop(say(one) or "?", _VERSION) for one in (step.before, step.after))
    return f"v{after}, same number" if step.is_silent else f"v{before} → v{after}"


def review_words(definition: Definition, now: datetime, disputes: int | None = None) -> str:
    """Ask whether it still holds: "Do we still agree on MQL v4? (agreed 12 weeks ago, 31 disputes)"."""
    version = crop(say(definition.version) or "?", _VERSION)
    agreed = f"agreed {_long_ago(definition.agreed_at, now)}" if definition.agreed_at is not None else ""
    told = counted(disputes, "dispute") if disputes is not None else ""
    behind = ", ".join(part for part in (agreed, told) if part)
    return f"Do we still agree on MQL v{version}?{f' ({behind})' if behind else ''}"


def _long_ago(moment: datetime, now: datetime) -> str:
    days = max((now - moment).days, 0)
    return f"{counted(days, 'day')} ago" if days < _FEW_DAYS else f"{counted(days // _WEEK, 'week')} ago"
