"""Holds an answer against contract.yaml: the path, the status and the shape must stand there."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import yaml
from jsonschema import Draft202012Validator

import triage.embedded

CONTRACT: dict[str, Any] = yaml.safe_load(
    (Path(triage.embedded.__file__).parent / "contract.yaml").read_text("utf-8")
)

answered: set[tuple[str, int]] = set()
"""What was asked so far: operation and status."""

_seen: set[str] = set()


def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Return method, path and description by operation id."""
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, methods in CONTRACT["paths"].items()
        for method, operation in methods.items()
    }


def complain(method: str, path: str, answer: httpx.Response) -> None:
    """Fail unless the contract allows this answer."""
    name = _operation(method, path)
    if name is None:
        assert answer.status_code in {404, 405}
        return
    status = str(answer.status_code)
    responses = operations()[name][2]["responses"]
    assert status in responses, f"{name} may not answer {status}: {answer.text}"
    answered.add((name, answer.status_code))
    validator = _validator(name, status)
    if validator is not None:
        assert answer.headers["content-type"] == "application/json"
        validator.validate(_unseen(answer.json()))


def _unseen(body: Any) -> Any:
    """Return the answer without the rows that were held against the contract before: a page of leads is long."""
    if not isinstance(body, dict) or "next_cursor" not in body:
        return body
    rows = {json.dumps(row, sort_keys=True): row for row in body["items"]}
    fresh = rows.keys() - _seen
    _seen.update(fresh)
    return body | {"items": [rows[text] for text in fresh]}


def _operation(method: str, path: str) -> str | None:
    for name, (verb, template, _) in operations().items():
        if verb == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            return name
    return None


@cache
def _validator(name: str, status: str) -> Draft202012Validator | None:
    response = operations()[name][2]["responses"][status]
    if "$ref" in response:
        response = CONTRACT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = response.get("content", {}).get("application/json", {}).get("schema")
    return None if schema is None else Draft202012Validator(schema | {"components": CONTRACT["components"]})
