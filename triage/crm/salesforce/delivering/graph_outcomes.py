"""What the answer to one graph says of its item: matched by id, and unknown wherever it leaves a doubt. Pure.

A graph that failed was rolled back whole. Not confirmed against a live account: whether a graph takes the
header If-Unmodified-Since, and in which words it is refused where not; the codes of errors that are no fault
of the item; that words of errors inside of graphs are written as for HTML.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import unescape
from http import HTTPStatus

from msgspec import Struct

from triage.crm.salesforce.api import Graph, Node
from triage.crm.salesforce.keeping.decision_object import KEY
from triage.crm.salesforce.keeping.kept import Standing, receipt_of
from triage.crm.salesforce.manners import HALTED, LIMIT, LOCKED, codes, words
from triage.domain.outcome import Applied, Outcome, Refused, RetryLater, Unknown
from triage.text import clean

_MISSING = Unknown("Salesforce's answer says nothing about it.")
_UNREADABLE = Unknown("Salesforce's answer about it cannot be read.")
_WORDLESS = "Salesforce refused it without a word."
_UNDESCRIBED = frozenset({"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE"})
"""A field that was there when the org was described, and is gone or closed to this user."""
_LOOK_AGAIN = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND", "CANNOT_UPDATE_CONVERTED_LEAD"}) | _UNDESCRIBED
"""What may have become so between our read and our write: read again, and only then believed."""
_THEIR_TROUBLE = frozenset(
    {LIMIT, "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "QUERY_TIMEOUT", "TXN_SECURITY"}
)
_HEADER = ("if-unmodified-since", "httpheaders")
_WORDS = 300


class Again(Struct, frozen=True):
    """It certainly did not take effect, and is sent once more in this delivery."""

    otherwise: Refused | RetryLater
    """What it is if that does not help."""
    pauses: bool = False
    """Whether a moment should pass: someone else is at work on the record."""
    looks_anew: bool = False
    """Whether what a describe had said of the org is old."""
    unconditional: bool = False
    """Whether the org does not take the condition, so that nothing can be sent with it."""


Unanswered = Refused | RetryLater | Unknown | Again


def outcome_of(graph: Graph | None, after: Standing | None) -> Outcome | Again:
    """Return what became of an item by the answer to its graph."""
    if graph is None:
        return _MISSING
    if graph.successful:
        return _applied(graph.nodes.get("row"), after)
    return failure_of(graph)


def failure_of(graph: Graph) -> Unanswered:
    """Return why a graph failed."""
    if not graph.nodes:
        return _UNREADABLE
    failed = [node for node in graph.nodes.values() if _own_codes(node)]
    if any(node.status == HTTPStatus.PRECONDITION_FAILED for node in graph.nodes.values()):
        return Again(RetryLater("The lead keeps changing in Salesforce."))
    if not failed:
        halted = all(HALTED in codes(node.body) for node in graph.nodes.values())
        return Again(RetryLater("Salesforce did not come to it.")) if halted else _UNREADABLE
    return _failed(failed)


def is_about_condition(text: str) -> bool:
    """Whether the words of a refusal are about the condition on a lead's change."""
    return any(hint in text.casefold() for hint in _HEADER)


def _applied(row: Node | None, after: Standing | None) -> Outcome:
    row_id = row.body.get("id") if row is not None and isinstance(row.body, dict) else None
    return Applied(receipt_of(row_id, after)) if isinstance(row_id, str) and row_id else _UNREADABLE


def _failed(failed: list[Node]) -> Unanswered:
    found = {code for node in failed for code in _own_codes(node)}
    said = [unescape(text) for node in failed if (text := words(node.body))]  # as for HTML inside of graphs
    refused = Refused(tuple(clean(text, limit=_WORDS) for text in said) or (_WORDLESS,))
    if LOCKED in found:
        return Again(RetryLater("Someone else is at work on the lead in Salesforce."), pauses=True)
    if any(map(is_about_condition, said)):
        return Again(refused, unconditional=True)
    if ("DUPLICATE_VALUE" in found and any(KEY in text for text in said)) or found & _LOOK_AGAIN:
        return Again(refused, looks_anew=bool(found & _UNDESCRIBED))
    if found & _THEIR_TROUBLE:
        return RetryLater(refused.messages[0])
    return refused


def _own_codes(node: Node) -> Iterable[str]:
    """Return why a request failed by itself, not because another one of its graph did."""
    return (
        [code for code in codes(node.body) if code != HALTED] if node.status >= HTTPStatus.BAD_REQUEST else []
    )
