"""Composite requests: up to 25 parts in order, all or none if so asked, one call of the limit."""

from __future__ import annotations

from typing import Any

from tests.salesforce.org.call import Asked, Call, Reply
from tests.salesforce.org.errors import RefusedError
from tests.salesforce.org.nodes import Node, halted, perform, read_nodes, told

MOST, MOST_QUERIES = 25, 5
FAILED = 300


class _HaltedError(Exception):
    """A part failed where all must succeed."""


def answer(call: Call, asked: Asked) -> Reply:
    """Answer POST /composite."""
    nodes = read_nodes(call, asked.record.get("compositeRequest"), MOST)
    costly = [node for node in nodes if node.path.startswith(("/query", "/composite/sobjects"))]
    if len(costly) > MOST_QUERIES:
        raise RefusedError(
            400, "LIMIT_EXCEEDED", f"You can include up to {MOST_QUERIES} queries and collections"
        )
    call.depth = 1
    return Reply(
        200, {"compositeResponse": _results(call, nodes, every=asked.record.get("allOrNone") is True)}
    )


def _results(call: Call, nodes: list[Node], *, every: bool) -> list[dict[str, Any]]:
    if every:
        return all_or_none(call, nodes)[0]
    results: dict[str, Any] = {}
    return [told(call, node, _alone(call, node, results)) for node in nodes]


def _alone(call: Call, node: Node, results: dict[str, Any]) -> Reply:
    with call.org.together():
        return perform(call, node, results)


def all_or_none(call: Call, nodes: list[Node]) -> tuple[list[dict[str, Any]], bool]:
    """Do parts in one transaction; return their results, and whether it was kept."""
    replies: list[dict[str, Any]] = []
    try:
        with call.org.together():
            _each(call, nodes, replies)
    except _HaltedError:
        failed = replies[-1]
        return [
            failed if node.reference == failed["referenceId"] else halted(call, node) for node in nodes
        ], False
    return replies, True


def _each(call: Call, nodes: list[Node], replies: list[dict[str, Any]]) -> None:
    results: dict[str, Any] = {}
    for node in nodes:
        reply = perform(call, node, results)
        replies.append(told(call, node, reply))
        if reply.status >= FAILED:
            raise _HaltedError
