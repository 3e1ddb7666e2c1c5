"""What the org refuses, in the vendor's shapes: a list with an errorCode for data, one object for sign-in."""

from __future__ import annotations

from typing import Any


class RefusedError(Exception):
    """The data API says no: HTTP status, code, words, and the fields that are at fault."""

    def __init__(self, status: int, code: str, message: str, *fields: str, **more: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.fields = list(fields)
        self.more = more

    @property
    def body(self) -> list[dict[str, Any]]:
        """As most resources say it."""
        said: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        return [said | ({"fields": self.fields} if self.fields else {}) | self.more]

    @property
    def row(self) -> dict[str, Any]:
        """As a result of a collection says it: there the code has another name."""
        error = {"statusCode": self.code, "message": self.message, "fields": self.fields}
        return {"success": False, "errors": [error]}


class SignInRefusedError(Exception):
    """The identity service says no: one object, and 400 as a rule."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.status = status
        self.body = {"error": error, "error_description": description}


def not_found(message: str = "The requested resource does not exist") -> RefusedError:
    """Return the answer to an address that leads nowhere."""
    return RefusedError(404, "NOT_FOUND", message)


def session_over(message: str = "Session expired or invalid") -> RefusedError:
    """Return the answer to a dead access token."""
    return RefusedError(401, "INVALID_SESSION_ID", message)
