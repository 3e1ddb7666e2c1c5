"""What the server says when it cannot do what was asked: a status, a code and a sentence."""

from __future__ import annotations


class Problem(Exception):
    """An answer that is an error; the routes turn it into `{"error": {"code", "message"}}`."""

    def __init__(self, status: int, code: str, message: str, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, object] = {"error": {"code": code, "message": message}, **more}


def unparsable(message: str) -> Problem:
    """Return the answer to a request that is not what the contract says."""
    return Problem(422, "unparsable", message)


def not_found(what: str) -> Problem:
    """Return the answer to a request for something that is not there."""
    return Problem(404, "not_found", f"There is no {what}.")
