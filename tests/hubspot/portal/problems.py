"""Refusals as HubSpot words them: one body for all, in which every field but the status is optional."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4


class Problem(Exception):
    """A request that is refused, with the body that says why."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        context: Mapping[str, Sequence[str]] | None = None,
        sub_category: str = "",
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.category = category
        self.message = message
        self.errors = list(errors)
        self.context = dict(context or {})
        self.sub_category = sub_category
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    @property
    def body(self) -> dict[str, Any]:
        said = {"status": "error", "message": self.message, "correlationId": str(uuid4())}
        if self.category:
            said["category"] = self.category
        if self.sub_category:
            said["subCategory"] = self.sub_category
        filled = {"errors": self.errors, "context": self.context}
        return {**said, **{key: value for key, value in filled.items() if value}, **self.more}

    def item(self, **context: Sequence[str]) -> dict[str, Any]:
        """The same as one entry of a batch's `errors`."""
        return {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "context": {**self.context, **{key: list(value) for key, value in context.items() if value}},
            "errors": self.errors,
            "links": {},
        }


class HungUp(Exception):
    """The connection ends without an answer."""


def invalid(message: str, **more: Any) -> Problem:
    return Problem(400, "VALIDATION_ERROR", message, **more)


def not_found(message: str = "resource not found", **more: Any) -> Problem:
    return Problem(404, "OBJECT_NOT_FOUND", message, **more)


def invalid_values(found: Sequence[Mapping[str, str]]) -> Problem:
    """Property values that are refused: `found` has name, error and message of each."""
    listed = json.dumps([{"isValid": False, **one} for one in found])
    errors = [
        {"message": one["message"], "code": one["error"], "context": {"propertyName": [one["name"]]}}
        for one in found
    ]
    return invalid(f"Property values were not valid: {listed}", errors=errors)


def missing_scopes(scopes: Sequence[str]) -> Problem:
    what = "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes."
    one = "One or more of the following scopes are required."
    return Problem(
        403,
        "MISSING_SCOPES",
        what,
        errors=[{"message": one, "context": {"requiredGranularScopes": list(scopes)}}],
    )


def unauthenticated(category: str = "INVALID_AUTHENTICATION") -> Problem:
    said = {
        "INVALID_AUTHENTICATION": "Authentication credentials not found. This API supports OAuth 2.0 authentication.",
        "EXPIRED_AUTHENTICATION": "The OAuth token used to make this call expired.",
    }
    return Problem(401, category, said[category])
