"""Composite graphs: each graph all or none, after 14 that failed the rest is not begun."""

from __future__ import annotations

import re
from typing import Any

from tests.salesforce.org.call import Asked, Call, Reply
from tests.salesforce.org.composite import all_or_none
from tests.salesforce.org.errors import RefusedError
from tests.salesforce.org.nodes import Node, halted, read_nodes

MOST_GRAPHS, MOST_NODES, MOST_KINDS, DEEPEST, MOST_FAILURES = 75, 500, 15, 15, 14
_NAME = re.compile(r"[A-Za-z0-9][^.]{0,38}")
_RECORD = re.compile(r"/sobjects/(\w+)(/[^/]+){0,2}/?")
_TOO_MANY = f"Processing was halted: more than {MOST_FAILURES} graphs failed"


def answer(call: Call, asked: Asked) -> Reply:
    """Answer POST /composite/graph."""
    graphs = _graphs(call, asked.record.get("graphs"))
    call.depth = 1
    told, failures = [], 0
    for name, nodes in graphs.items():
        if failures >= MOST_FAILURES:
            results, kept = [halted(call, node, _TOO_MANY) for node in nodes], False
        else:
            results, kept = all_or_none(call, nodes)
            failures += not kept
        told.append({"graphId": name, "graphResponse": {"compositeResponse": results}, "isSuccessful": kept})
    return Reply(200, {"graphs": told})


def _graphs(call: Call, given: Any) -> dict[str, list[Node]]:
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise RefusedError(400, "JSON_PARSER_ERROR", "graphs must be a list of graphs")
    _at_most(call, "graphs", len(given), MOST_GRAPHS)
    graphs: dict[str, list[Node]] = {}
    for one in given:
        name = one.get("graphId")
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name in graphs:
            words = f"graphId '{name}' must be unique, shorter than 40 letters, and without a dot"
            raise RefusedError(400, "INVALID_INPUT", words)
        graphs[name] = read_nodes(call, one.get("compositeRequest"), MOST_NODES)
    nodes = [node for graph in graphs.values() for node in graph]
    _at_most(call, "nodes", len(nodes), MOST_NODES)
    _at_most(call, "different nodes", len({_kind(node) for node in nodes}), MOST_KINDS)
    _at_most(call, "levels", max(_depth(graph) for graph in graphs.values()), DEEPEST)
    return graphs


def _at_most(call: Call, what: str, count: int, most: int) -> None:
    if count > most:
        call.org.broken_rules.append(f"{count} {what} in one request of graphs")
        raise RefusedError(400, "LIMIT_EXCEEDED", f"The maximum number of {what} in one payload is {most}")


def _kind(node: Node) -> tuple[str, str, str]:
    match = _RECORD.fullmatch(node.path)
    if match is None:
        raise RefusedError(400, "INVALID_INPUT", f"A graph may not use {node.path}")
    return node.version, node.method, match[1].lower()


def _depth(nodes: list[Node]) -> int:
    depths: dict[str, int] = {}
    for node in nodes:
        depths[node.reference] = 1 + max((depths.get(one, 0) for one in node.needs), default=0)
    return max(depths.values())
