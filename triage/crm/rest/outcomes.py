"""From the contract's results to outcomes: matched by id, and unknown wherever the answer leaves a doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from triage.crm.fields import Fields
from triage.crm.limits import LONGEST_PAUSE
from triage.crm.rest.leads import read_owner
from triage.domain.outcome import (
    Already,
    Applied,
    Conflicted,
    Outcome,
    Receipt,
    Refused,
    RetryLater,
    Theirs,
    Unknown,
)

_MISSING = Unknown("The CRM's answer says nothing about it.")
_CONTRADICTED = Unknown("The CRM's answer says two things about it.")
_UNREADABLE = Unknown("The CRM's answer about it cannot be read.")
_WORDLESS = ("The CRM refused it without a word.",)


def read_outcomes(results: Any, id_name: str, ids: Collection[str]) -> dict[str, Outcome]:
    """Return an outcome for each of `ids`; results of other ids are ignored."""
    found: dict[str, Outcome] = {}
    for result in results if isinstance(results, list) else ():
        if not isinstance(result, dict):
            continue
        item_id = result.get(id_name)
        if not isinstance(item_id, str) or item_id not in ids:
            continue
        outcome = _outcome(Fields(result, Counter()))
        found[item_id] = outcome if found.get(item_id, outcome) == outcome else _CONTRADICTED
    return {item_id: found.get(item_id, _MISSING) for item_id in ids}


def read_receipt(fields: Fields) -> Receipt | None:
    """Return the receipt of a result or of a stored item, or None where there is none."""
    receipt = fields.child("receipt")
    return _receipt(receipt) if receipt else None


def _receipt(fields: Fields) -> Receipt:
    owner = fields.child("owner")
    return Receipt(
        receipt_id=fields.text("receipt_id"),
        applied_at=fields.time("applied_at"),
        version=fields.text("version"),
        status=fields.text("status"),
        owner=read_owner(owner) if owner else None,
        routed_to=fields.text("routed_to"),
    )


def _outcome(fields: Fields) -> Outcome:
    word = fields.text("outcome")
    if word in ("applied", "already"):
        receipt = read_receipt(fields)
        if receipt is None:
            return _UNREADABLE
        return Applied(receipt) if word == "applied" else Already(receipt)
    if word == "conflict":
        return Conflicted(_theirs(fields.child("theirs")))
    if word == "refused":
        return Refused(fields.texts("messages") or _WORDLESS)
    if word == "retry":
        why = " ".join(fields.texts("messages")) or "The CRM asks to try again."
        return RetryLater(why, _seconds(fields))
    return _UNREADABLE


def _seconds(fields: Fields) -> float | None:
    seconds = fields.number("retry_after")
    return None if seconds is None else max(0.0, min(seconds, LONGEST_PAUSE))


def _theirs(fields: Fields | None) -> Theirs:
    if fields is None:
        return Theirs()
    return Theirs(
        version=fields.text("version"),
        status=fields.text("status"),
        owner=read_owner(fields.child("owner")),
        changed_by=fields.text("changed_by"),
        changed_at=fields.time("changed_at"),
        deleted=fields.flag("deleted"),
        archived=fields.flag("archived"),
        merged_into=fields.id("merged_into"),
    )
