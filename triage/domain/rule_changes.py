"""What one version of the rules says otherwise than another, each difference as a sentence. Pure.

The order of lines and codes is no difference. Sentences hold text from the CRM: who shows them cleans them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from msgspec import Struct

from triage.domain.definition import Criterion, Definition
from triage.domain.reasons import Reason, ReasonBook

MQL, SQL, TERMS, REASONS = "mql", "sql", "terms", "reasons"
"""What a change is in: the lines of either part, the rest of the definition, the reason codes."""
_OPS = {
    ">=": "at least",
    "<=": "at most",
    "==": "exactly",
    "in": "one of",
    "not_in": "none of",
    "truthy": "yes",
}
_LISTS = ("in", "not_in")
_TARGETS: Mapping[str, tuple[str, str]] = {
    "acceptance": ("accepted of decided", "%"),
    "sla_met": ("decided within the deadline", "%"),
    "reply_days": ("days to a reply", ""),
    "attempts": ("attempts before “no response”", ""),
    "revenue": ("revenue from accepted leads", ""),
}
_T = TypeVar("_T")


class Change(Struct, frozen=True):
    """One difference; `before` is None for what came, `after` for what went."""

    part: str
    subject: str
    """Which line, code or term."""
    before: Any
    after: Any
    words: str


def definition_changes(old: Definition, new: Definition) -> tuple[Change, ...]:
    """Return what a definition says otherwise than another one; their versions aside."""
    return (
        *_lines(MQL, old.criteria, new.criteria),
        *_terms(old, new),
        *_lines(SQL, old.sql_criteria, new.sql_criteria),
        *_moments(old, new),
        *_others(old, new),
    )


def reason_changes(old: ReasonBook, new: ReasonBook) -> tuple[Change, ...]:
    """Return what the codes say otherwise than other ones; their versions aside."""
    return tuple(
        Change(REASONS, f"{key[0]}", before, after, _reason_words(before, after))
        for key, before, after in _paired(
            old.reasons, new.reasons, lambda reason: f"{reason.act} {reason.code}"
        )
    )


def _paired(
    old: Iterable[_T], new: Iterable[_T], name: Callable[[_T], str]
) -> Iterator[tuple[tuple[str, int], _T | None, _T | None]]:
    """Yield what differs by name: (name, how often it was there before), then both sides."""
    before, after = _named(old, name), _named(new, name)
    for key, one in after.items():
        if key not in before or not same(before[key], one):
            yield key, before.get(key), one
    for key, gone in before.items():
        if key not in after:
            yield key, gone, None


def _named(values: Iterable[_T], name: Callable[[_T], str]) -> dict[tuple[str, int], _T]:
    """Return values by name; a CRM may name two alike."""
    named: dict[tuple[str, int], _T] = {}
    for value in values:
        key = (name(value), 0)
        while key in named:
            key = (key[0], key[1] + 1)
        named[key] = value
    return named


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same: yes is not 1, as in a comparison with a lead's fact."""
    if isinstance(one, Struct) and type(one) is type(other):
        return all(same(getattr(one, name), getattr(other, name)) for name in one.__struct_fields__)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _lines(part: str, old: Iterable[Criterion], new: Iterable[Criterion]) -> Iterator[Change]:
    for key, before, after in _paired(old, new, lambda line: line.criterion_id):
        yield Change(part, key[0], before, after, _line_words(before, after))


def _line_words(old: Criterion | None, new: Criterion | None) -> str:
    if old is None or new is None:
        line = new or old
        assert line is not None  # one of two sides differs
        sign = "new line" if old is None else "no longer asked"
        return f"{sign}: {_label(line)}{_weight(line) if old is None else ''}"
    changed = [*_rule_words(old, new)]
    if old.weight != new.weight:
        changed.append(f"weight {old.weight:g} → {new.weight:g}")
    if old.dimension != new.dimension:
        changed.append(f"counts as {old.dimension or 'nothing'} → {new.dimension or 'nothing'}")
    if old.label == new.label:
        return f"{_label(new)}: {', '.join(changed)}"
    more = f" ({', '.join(changed)})" if changed else ""
    return f"{_label(old)} → {_label(new)}{more}"


def _rule_words(old: Criterion, new: Criterion) -> Iterator[str]:
    """Say how the comparison changed, unless the labels name both values: then they say it."""
    if (old.fact, old.op) == (new.fact, new.op) and same(old.value, new.value):
        if old.label != new.label:
            yield "other words, the same rule"
        return
    if old.fact != new.fact:
        yield f"asks about {old.fact} → {new.fact}"
    if old.op == new.op and new.op in _LISTS:
        yield from _list_words(old.value, new.value, same_label=old.label == new.label)
    elif old.label == new.label or not (_names(old) and _names(new)):
        yield f"{_rule(old)} → {_rule(new)}"


def _list_words(old: Any, new: Any, *, same_label: bool) -> Iterator[str]:
    before, after = _texts(old), _texts(new)
    came, went = [one for one in after if one not in before], [one for one in before if one not in after]
    if came:
        yield f"now also {', '.join(came)}"
    if went:
        yield f"no longer {', '.join(went)}"
    if not came and not went and same_label:
        yield "the same values, written otherwise"


def _texts(values: Any) -> list[str]:
    return [value_words(one) for one in values] if isinstance(values, list | tuple) else [value_words(values)]


def _names(line: Criterion) -> bool:
    """Whether a label names the number that is compared with."""
    return not isinstance(line.value, bool) and value_words(line.value) in line.label


def _rule(line: Criterion) -> str:
    words = _OPS.get(line.op, line.op)
    return words if line.op == "truthy" else f"{words} {value_words(line.value)}"


def rule_words(line: Criterion) -> str:
    """Return what a line compares, in words: "employees at least 50"."""
    return f"{line.fact} {_rule(line)}"


def _label(line: Criterion) -> str:
    return line.label or rule_words(line)


def _weight(line: Criterion) -> str:
    return f", weight {line.weight:g}" if line.weight else ""


def value_words(value: Any) -> str:
    """Return a value as a person writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(value_words, value)) or "nothing"
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {value_words(one)}" for name, one in value.items()) or "nothing"
    if value is None or value == "":
        return "nothing"
    if isinstance(value, date):
        return f"{value:%-d %b %Y}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _terms(old: Definition, new: Definition) -> Iterator[Change]:
    if not same(old.threshold, new.threshold):
        words = f"MQL by score: {_from(old.threshold)} → {_from(new.threshold)}"
        yield Change(TERMS, "threshold", old.threshold, new.threshold, words)
    for one in dict.fromkeys(new.hand_raise):
        if one not in old.hand_raise:
            yield Change(TERMS, "hand_raise", None, one, f"counts as a raised hand now: {one}")
    for one in dict.fromkeys(old.hand_raise):
        if one not in new.hand_raise:
            yield Change(TERMS, "hand_raise", one, None, f"no raised hand any more: {one}")
    for name in dict.fromkeys((*new.targets, *old.targets)):
        before, after = old.targets.get(name), new.targets.get(name)
        if before != after:
            yield Change(TERMS, f"target {name}", before, after, _target_words(name, before, after))


def _from(threshold: float | None) -> str:
    return "not at all" if threshold is None else f"from {threshold:g}"


def _target_words(name: str, before: float | None, after: float | None) -> str:
    words, unit = _TARGETS.get(name, (name, ""))
    return f"target, {words}: {target_value(before, unit)} → {target_value(after, unit)}"


def target_value(value: float | None, unit: str = "") -> str:
    """Return a target as a person writes it: 60 %, 250,000."""
    if value is None:
        return "none"
    return f"{value * 100:g} %" if unit == "%" else f"{value:,.10g}"


def target_words(name: str, value: float) -> str:
    """Return a target in words: "accepted of decided 60 %"."""
    words, unit = _TARGETS.get(name, (name, ""))
    return f"{words} {target_value(value, unit)}"


def _moments(old: Definition, new: Definition) -> Iterator[Change]:
    for name, words in (("agreed_at", "agreed on"), ("review_due", "to be reviewed")):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change(TERMS, name, before, after, f"{words}: {_day(before)} → {_day(after)}")
    if old.agreed_by != new.agreed_by:
        words = f"agreed by {value_words(old.agreed_by)} → {value_words(new.agreed_by)}"
        yield Change(TERMS, "agreed_by", old.agreed_by, new.agreed_by, words)


def _day(moment: datetime | None) -> str:
    return "no date" if moment is None else f"{moment.astimezone():%-d %b %Y}"


_TOLD = frozenset(
    {"version", "criteria", "sql_criteria", "threshold", "hand_raise", "targets"}
    | {"agreed_at", "agreed_by", "review_due"}
)


def _others(old: Definition, new: Definition) -> Iterator[Change]:
    """Yield what else a definition holds: named parts by name, the rest as a whole."""
    for name in Definition.__struct_fields__:
        before, after = getattr(old, name), getattr(new, name)
        if name in _TOLD or same(before, after):
            continue
        if isinstance(before, tuple) and isinstance(after, tuple) and _all_named((*before, *after)):
            for key, one, other in _paired(before, after, lambda part: str(part.name)):
                yield Change(TERMS, f"{name} {key[0]}", one, other, f"{name}: {_part_words(one, other)}")
        else:
            yield Change(TERMS, name, before, after, f"{name}: {_part_words(before, after)}")


def _all_named(values: Iterable[Any]) -> bool:
    return all(isinstance(one, Struct) and hasattr(one, "name") for one in values)


def _part_words(old: Any, new: Any) -> str:
    """Say how a part changed: field by field where both sides have the same."""
    if isinstance(old, Struct) and type(old) is type(new):
        head = f"{old.name}: " if hasattr(old, "name") else ""
        return head + ", ".join(_field_words(old, new))
    if old is None or (old == () and new):
        return f"now {_short(new)}"
    if new is None or (new == () and old):
        return f"no longer {_short(old)}"
    return f"{_short(old)} → {_short(new)}"


def _field_words(old: Struct, new: Struct) -> Iterator[str]:
    for name in old.__struct_fields__:
        before, after, words = getattr(old, name), getattr(new, name), name.replace("_", " ")
        if isinstance(before, tuple) and isinstance(after, tuple) and not same(before, after):
            yield f"{words} {' and '.join(_list_words(before, after, same_label=True))}"
        elif not same(before, after):
            yield f"{words} {_short(before)} → {_short(after)}"


def _short(value: Any) -> str:
    if isinstance(value, Struct):
        return str(getattr(value, "name", "")) or "agreed on"
    return value_words(value)


_IN_WORDS: Mapping[str, str] = {
    "hotkey": "key",
    "kind": "kind",
    "requires": "needs",
    "optional": "may take",
    "counts_against_mql": "counts against the MQL:",
    "facts": "is about",
    "routes_to": "goes to",
    "default_wake_days": "comes back after days:",
    "replaced_by": "replaced by",
}


def _reason_words(old: Reason | None, new: Reason | None) -> str:
    reason = new or old
    assert reason is not None  # one of two sides differs
    head = f"{reason.act} {reason.code}"
    if old is None:
        return f"new code: {head}, {reason.label}{'' if reason.active else ' (retired)'}"
    if new is None:
        return f"gone: {head}, {reason.label}"
    changed = [*_standing_words(old, new)]
    if old.label != new.label:
        changed.append(f"“{old.label}” → “{new.label}”")
    changed += [
        f"{words} {value_words(getattr(old, name))} → {value_words(getattr(new, name))}"
        for name, words in _IN_WORDS.items()
        if not same(getattr(old, name), getattr(new, name)) and (name != "replaced_by" or new.active)
    ]
    return f"{head}: {', '.join(changed) or 'changed'}"


def _standing_words(old: Reason, new: Reason) -> Iterator[str]:
    if old.active and not new.active:
        yield f"retired, use {new.replaced_by}" if new.replaced_by else "retired"
    elif new.active and not old.active:
        yield "in use again"
    elif not new.active and old.replaced_by != new.replaced_by:
        yield f"retired, use {value_words(new.replaced_by)}"
