"""Refusals in the four shapes of BottleCRM: an envelope, bare fields, `detail`, and a page of HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """A request that is refused, with what is said about it. `ends`: the connection goes with it."""

    def __init__(
        self, status: int, body: Any, *, headers: Mapping[str, str] | None = None, ends: bool = False
    ) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = dict(headers or {})
        self.ends = ends


class HungUp(Exception):
    """The connection ends without an answer."""


def invalid(errors: Mapping[str, Any]) -> Refusal:
    """Fields that are unfit, in the envelope."""
    return Refusal(400, {"error": True, "errors": dict(errors)})


def bare(name: str, message: str) -> Refusal:
    """A parameter or an id that is unfit, without the envelope."""
    return Refusal(400, {name: [message]})


def detail(status: int, message: str, **headers: str) -> Refusal:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refusal(status, {"detail": message}, headers=named)


def denied(message: str) -> Refusal:
    """A person who may not; the only shape whose `errors` are a text."""
    return Refusal(403, {"error": True, "errors": message})


def no_lead() -> Refusal:
    """There is none, or it is not for this person's eyes: one cannot tell."""
    return detail(404, "No Lead matches the given query.")


def signed_out() -> Refusal:
    """No credential, a wrong one, one that has expired or was revoked."""
    return detail(403, "Organization context is required. Please login again.")


def throttled(seconds: int = 59) -> Refusal:
    said = f"Request was throttled. Expected available in {seconds} seconds."
    return detail(429, said, Retry_After=str(seconds))


def not_found() -> Refusal:
    """No such route, or an id that is none."""
    return Refusal(404, page("Not Found", "The requested resource was not found on this server."))


def broken(status: int = 500) -> Refusal:
    return Refusal(status, page(f"Server Error ({status})"))


def page(title: str, words: str = "") -> str:
    head = f"<head><title>{title}</title></head>"
    return f'<!doctype html>\n<html lang="en">{head}<body><h1>{title}</h1><p>{words}</p></body></html>\n'
