"""What Odoo answers in place of a result, as exceptions: each with the name and the HTTP status that it has there."""

from __future__ import annotations

from typing import Any

_TRACE = (
    'Traceback (most recent call last):\n  File "/opt/odoo/odoo/http.py", line 2165, in _transactioning\n'
)


class HungUp(Exception):
    """The connection goes away without an answer."""


class ProxySays(Exception):
    """What a proxy in front of Odoo says: a status and a page."""

    def __init__(self, status: int, retry_after: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.headers = {"Retry-After": retry_after} if retry_after else {}


class Problem(Exception):
    """An exception of the server: its dotted name, its words, and the status that JSON-2 gives it."""

    def __init__(self, name: str, message: str, status: int, *more: Any) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.status = status
        self.arguments = [message, *more]

    @property
    def body(self) -> dict[str, Any]:
        """As both interfaces tell it. `debug` is nothing that a person should see."""
        return {
            "name": self.name,
            "message": self.message,
            "arguments": self.arguments,
            "context": {},
            "debug": f"{_TRACE}{self.name}: {self.message}\n",
        }


def user_error(message: str) -> Problem:
    return Problem("odoo.exceptions.UserError", message, 422)


def validation_error(message: str) -> Problem:
    return Problem("odoo.exceptions.ValidationError", message, 422)


def access_error(message: str) -> Problem:
    return Problem("odoo.exceptions.AccessError", message, 403)


def access_denied(message: str = "Access Denied") -> Problem:
    return Problem("odoo.exceptions.AccessDenied", message, 403)


def lock_error(message: str = "Cannot grab a lock on records") -> Problem:
    return Problem("odoo.exceptions.LockError", message, 409)


def missing_error(model: str, ids: list[int], uid: int) -> Problem:
    said = f"Record does not exist or has been deleted.\n(Record: {model}({ids}), User: {uid})"
    return Problem("odoo.exceptions.MissingError", said, 404)


def value_error(message: str) -> Problem:
    """A mistake that no check of Odoo's has caught: the server's own exception."""
    return Problem("builtins.ValueError", message, 500)


def unauthorized(message: str) -> Problem:
    return Problem("werkzeug.exceptions.Unauthorized", message, 401, 401)


def not_found(message: str) -> Problem:
    return Problem("werkzeug.exceptions.NotFound", message, 404, 404)


def unprocessable(message: str) -> Problem:
    return Problem("werkzeug.exceptions.UnprocessableEntity", message, 422, 422)


def bad_request(message: str) -> Problem:
    return Problem("werkzeug.exceptions.BadRequest", message, 400, 400)


def unsupported(message: str) -> Problem:
    return Problem("werkzeug.exceptions.UnsupportedMediaType", message, 415, 415)


def crash(kind: str, message: str) -> Problem:
    """An exception of Python or the database that came out: 500."""
    return Problem(kind, message, 500)
