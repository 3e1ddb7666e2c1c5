"""Reason codes and the MQL definition from TOML. Owns the rules that types cannot say; keys are the domain's.

A CRM's own codes and definition come through its adapter, not through here.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from config.convert import to_struct
from config.document import Document, KeyPath, dotted
from triage.domain.definition import Criterion, Definition
from triage.domain.parameters import NAMES
from triage.domain.reasons import Reason, ReasonBook
from triage.errors import ConfigError

KINDS = ("definitional", "clerical", "procedural", "exclusion", "timing", "positive", "other")
COUNTS = ("yes", "no", "held")
OPS = (">=", "<=", "==", "in", "not_in", "truthy")


def reasons_of(document: Document) -> ReasonBook:
    """Convert; ConfigError for two codes or two keys that are the same within an act."""
    book = to_struct(document, ReasonBook, word="key")
    for index, reason in enumerate(book.reasons):
        _check_reason(document, ("reasons", index), reason)
    _check_unique(document, "reasons", "code", [f"{item.act} {item.code}" for item in book.reasons])
    keys = [
        f"{item.act} {item.hotkey}" if item.active else f"retired {i}" for i, item in enumerate(book.reasons)
    ]
    _check_unique(document, "reasons", "hotkey", keys)
    _check_replacements(document, book)
    return book


def definition_of(document: Document, *, counted: bool = True) -> Definition:
    """Convert; ConfigError for a comparison there is not, a criterion twice, an SLA without deadlines.

    `counted` is False for the file that is shipped: its SLA is not tried, which would cost every start.
    """
    agreed = to_struct(document, Definition, word="key")
    for part, criteria in (("criteria", agreed.criteria), ("sql_criteria", agreed.sql_criteria)):
        for index, criterion in enumerate(criteria):
            _check_criterion(document, (part, index), criterion)
        _check_unique(document, part, "criterion_id", [criterion.criterion_id for criterion in criteria])
    if counted:
        _check_sla(document, agreed)
    return agreed


def _check_sla(document: Document, agreed: Definition) -> None:
    """Refuse a rule or a calendar that no deadline can be counted by."""
    from triage.domain.business_hours import open_hours  # noqa: PLC0415 - most files keep the shipped calendar
    from triage.domain.deadlines import APPLIES_TO, COUNTED_IN, sla_trouble  # noqa: PLC0415 - the same

    for index, rule in enumerate(agreed.sla):
        _check_choice(document, ("sla", index, "applies_to"), rule.applies_to, APPLIES_TO)
        _check_choice(document, ("sla", index, "counted_in"), rule.counted_in, COUNTED_IN)
        if words := sla_trouble(replace(agreed, sla=(rule,))):
            raise document.error(("sla", index, "hours"), words)
    _check_unique(document, "sla", "applies_to", [rule.applies_to for rule in agreed.sla])
    if agreed.calendar is not None:
        try:
            open_hours(agreed.calendar)
        except ConfigError as error:
            raise document.error(("calendar",), f"{error.message} {error.hint}".strip()) from None


def _check_reason(document: Document, path: KeyPath, reason: Reason) -> None:
    if len(reason.hotkey) != 1 or reason.hotkey not in "0123456789":
        raise document.error((*path, "hotkey"), f"`{dotted((*path, 'hotkey'))}` has to be one digit.")
    _check_choice(document, (*path, "kind"), reason.kind, ("", *KINDS))
    _check_choice(document, (*path, "counts_against_mql"), reason.counts_against_mql, (None, *COUNTS))
    parameters = tuple(sorted(NAMES))
    _check_choice(document, (*path, "requires"), reason.requires, (None, *parameters))
    for index, name in enumerate(reason.optional):
        _check_choice(document, (*path, "optional", index), name, parameters)


def _check_criterion(document: Document, path: KeyPath, criterion: Criterion) -> None:
    _check_choice(document, (*path, "op"), criterion.op, OPS)
    if criterion.op in {"in", "not_in"} and not isinstance(criterion.value, list):
        raise document.error(
            (*path, "value"), f"`{dotted((*path, 'value'))}` has to be a list for {criterion.op}."
        )
    if criterion.op in {">=", "<="} and not isinstance(criterion.value, int | float):
        raise document.error((*path, "value"), f"`{dotted((*path, 'value'))}` has to be a number.")


def _check_choice(document: Document, path: KeyPath, value: str | None, known: Iterable[str | None]) -> None:
    names = [name for name in known if name]
    if value and value not in names:
        raise document.error(path, f"`{dotted(path)}` has to be one of {', '.join(names)}.")


def _check_unique(document: Document, part: str, key: str, names: list[str]) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            first = document.line_of((part, names.index(name), key))
            raise document.error((part, index, key), f"{name} is there twice; first on line {first}.")


def _check_replacements(document: Document, book: ReasonBook) -> None:
    codes = {(reason.act, reason.code) for reason in book.reasons}
    for index, reason in enumerate(book.reasons):
        if reason.replaced_by and (reason.act, reason.replaced_by) not in codes:
            path = ("reasons", index, "replaced_by")
            raise document.error(path, f"`{dotted(path)}` names no code of {reason.act}.")
