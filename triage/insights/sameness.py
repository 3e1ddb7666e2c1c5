"""What counts as the same topic, competitor or account, however it is spelled. Pure; never guesses."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, TypeVar

from triage.domain.folding import fold
from triage.domain.review import ReviewedDecision, ReviewedFeedback
from triage.insights.figure import Figure

_QUOTED = 100
"""Characters of a CRM's text that a sentence of ours holds."""
_T = TypeVar("_T")
_K = TypeVar("_K", bound=Hashable)


def same(text: str) -> str:
    """Return a text as it is compared: case, accents and blanks make no difference."""
    return " ".join(fold(text).split())


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """Return a text of an object that is kept as it came; empty where there is none."""
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def short(text: str) -> str:
    """Return a text as it may stand in a sentence: cut where it would be one of its own."""
    return text if len(text) <= _QUOTED else f"{text[: _QUOTED - 1]}…"


def account_of(lead: Mapping[str, Any]) -> str:
    """Return what makes accounts distinct: the account's id, else the company's name; empty: unknown."""
    return text_of(lead, "account_id") or same(text_of(lead, "company"))


def grouped(items: Iterable[_T], by: Callable[[_T], _K]) -> dict[_K, list[_T]]:
    """Return the items of each key, keys and items in the order in which they came."""
    groups: dict[_K, list[_T]] = {}
    for item in items:
        groups.setdefault(by(item), []).append(item)
    return groups


def distinct(pairs: Iterable[tuple[str, str]]) -> Figure:
    """Return how many different ones there are, of pairs of what and its lead; unknown is none."""
    known = [(what, lead_id) for what, lead_id in pairs if what]
    leads = tuple(dict.fromkeys(lead_id for _, lead_id in known))
    return Figure(len({what for what, _ in known}), lead_ids=leads)


def distinct_reps(told: Iterable[ReviewedDecision | ReviewedFeedback]) -> Figure:
    """Return how many reps said it; unknown where the CRM does not name them all, as to a rep."""
    some = tuple(told)
    if not all(one.rep.user_id for one in some):
        return Figure()
    return distinct((one.rep.user_id, one.lead_id) for one in some)
