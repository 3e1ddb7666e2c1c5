"""The contract's paths: who may ask, how the question is read, which part of the CRM answers."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from importlib import resources
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from triage.embedded import (
    answering,
    band_statistics,
    content,
    decisions,
    feedback,
    forms,
    leads,
    ledger,
    library,
    meddling,
    members,
    proposals,
    reason_codes,
    replies,
    source_statistics,
    stages,
    upkeep,
)
from triage.embedded.calls import Call, json_answer, problem_answer, read_body
from triage.embedded.database import Database, Json, pack
from triage.embedded.ledger import DECISION, FEEDBACK, Kind
from triage.embedded.members import Member
from triage.embedded.moments import from_wire, utc_now
from triage.embedded.problems import Problem, not_found, unparsable

LONGEST_KEY = 255
"""Characters of an Idempotency-Key."""

Take = Callable[[Database, Member, Json, datetime], Json]


class Routes:
    """The contract's paths on one database."""

    def __init__(self, database: Database, doors: dict[str, Member], started_at: datetime) -> None:
        self._database = database
        self._doors = doors
        self._started_at = started_at

    def all(self) -> list[Route]:
        """Return every path of the contract."""
        get, post = self._get, self._post
        return [
            Route("/healthz", _health),
            Route("/v1/contract.yaml", _contract),
            get("/v1/me", self._me),
            get("/v1/capabilities", lambda _: _CAPABILITIES),
            get("/v1/leads", self._leads),
            get("/v1/leads/{lead_id}", self._lead),
            post("/v1/leads/{lead_id}/assign", self._upkeep(upkeep.assign), "marketing"),
            post("/v1/leads/{lead_id}/edit", self._upkeep(upkeep.edit), "marketing"),
            post("/v1/leads/{lead_id}/remove", self._upkeep(upkeep.remove), "marketing"),
            get("/v1/decisions", self._page_of(DECISION)),
            post("/v1/decisions", self._decide, "rep"),
            get("/v1/decisions/{id}", self._one_of(DECISION)),
            post("/v1/decisions/{id}/answer", self._answer_of(DECISION), "marketing"),
            get("/v1/feedback", self._page_of(FEEDBACK)),
            post("/v1/feedback", self._give_feedback, "rep"),
            get("/v1/feedback/{id}", self._one_of(FEEDBACK)),
            post("/v1/feedback/{id}/answer", self._answer_of(FEEDBACK), "marketing"),
            get(
                "/v1/replies", lambda call: replies.page(self._database, call.caller, call.cursor, call.limit)
            ),
            post("/v1/replies", self._reply, "marketing"),
            post("/v1/replies/batch", self._reply_to_all, "marketing"),
            post("/v1/replies/seen", self._see, "rep"),
            get("/v1/effects", self._effects),
            get("/v1/definition", lambda _: proposals.in_force(self._database, self._started_at)),
            get("/v1/definition/proposals", lambda _: proposals.page(self._database, self._started_at)),
            post("/v1/definition/proposals", self._propose, None),
            post("/v1/definition/proposals/{id}/word", self._word, None),
            get("/v1/reasons", lambda _: reason_codes.reasons()),
            get("/v1/statistics/sources", lambda _: source_statistics.sources(self._database, utc_now())),
            get("/v1/statistics/bands", lambda _: band_statistics.bands(self._database, utc_now())),
            get("/v1/assets", lambda _: library.assets()),
            get("/v1/content-requests", lambda call: content.page(self._database, call.caller)),
            get("/v1/people", lambda _: {"items": members.listing(self._database)}),
            get(
                "/v1/outcomes", lambda call: stages.page(self._database, call.caller, call.cursor, call.limit)
            ),
        ]

    def is_signed_in(self, authorization: str) -> bool:
        """Say whether the header lets anyone in."""
        return self._member(authorization) is not None

    def _member(self, authorization: str) -> Member | None:
        scheme, _, token = authorization.partition(" ")
        return self._doors.get(token.strip()) if scheme.lower() == "bearer" else None

    def _get(self, path: str, answer: Callable[[Call], Json | Response]) -> Route:
        return Route(path, self._endpoint(answer, None), methods=["GET"])

    def _post(self, path: str, answer: Callable[[Call], Json | Response], role: str | None) -> Route:
        return Route(path, self._endpoint(answer, role), methods=["POST"])

    def _endpoint(
        self, answer: Callable[[Call], Json | Response], role: str | None
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            caller = self._member(request.headers.get("authorization", ""))
            if caller is None:
                raise Problem(401, "unauthorized", "The token is missing or not one that this server takes.")
            if role is not None:
                members.only(caller, role)
            call = Call(caller, request, await read_body(request))
            given = await run_in_threadpool(answer, call)
            return given if isinstance(given, Response) else json_answer(given)

        return endpoint

    def _me(self, call: Call) -> Json:
        member = call.caller
        return member.person | {
            "role": member.role,
            "account_id": members.ACCOUNT_ID,
            "account_name": members.ACCOUNT_NAME,
            "time_zone": member.time_zone,
        }

    def _leads(self, call: Call) -> Json:
        since = call.request.query_params.get("updated_since")
        try:
            moment = from_wire(since) if since is not None else None
        except (ValueError, OverflowError):
            raise unparsable("`updated_since` is not a time.") from None
        return leads.page(self._database, call.caller, call.cursor, call.limit, moment)

    def _lead(self, call: Call) -> Response:
        row = leads.require(self._database, call.path("lead_id"))
        tag = _etag(row)
        # Marketing's copy says how the decision was answered, which is no change of the lead's version.
        if call.header("if-none-match") == tag and call.caller.role == "rep":
            return Response(status_code=304, headers={"ETag": tag})
        return json_answer(_lead_for(self._database, row, call.caller), headers={"ETag": tag})

    def _upkeep(self, change: upkeep.Change) -> Callable[[Call], Response]:
        """Return the answer of a change that marketing makes to one lead, under its If-Match."""

        def answer(call: Call) -> Response:
            with self._database.transaction() as database:
                row = leads.require(database, call.path("lead_id"))
                if call.header("if-match") not in (None, "*", _etag(row)):
                    raise Problem(412, "changed", "The lead is at another version.")
                change(database, row, call.body, call.caller.name, utc_now())
                changed = leads.find(database, row["lead_id"])
                assert changed is not None
                body = _lead_for(database, changed, call.caller)
                return json_answer(body, headers={"ETag": _etag(changed)})

        return answer

    def _page_of(self, kind: Kind) -> Callable[[Call], Json]:
        return lambda call: ledger.page(
            self._database, kind, call.caller, call.cursor, call.limit, team=call.is_for_team
        )

    def _one_of(self, kind: Kind) -> Callable[[Call], Json]:
        return lambda call: ledger.one(self._database, kind, call.caller, call.path("id"))

    def _answer_of(self, kind: Kind) -> Callable[[Call], Json]:
        def answer(call: Call) -> Json:
            form = forms.answer(call.body)
            with self._database.transaction() as database:
                item = ledger.require(database, kind, call.path("id"))
                return answering.on_item(database, item, form, call.caller.name, utc_now())

        return answer

    def _decide(self, call: Call) -> Json:
        items = forms.decisions(call.body)
        self._note_batch(call, [item["decision_id"] for item in items])
        if call.fault in meddling.KINDS:
            with self._database.transaction() as database:
                meddling.meddle(database, call.fault, items, utc_now())
        return _answer_to(call, [self._take(DECISION, decisions.decide, call, item) for item in items])

    def _give_feedback(self, call: Call) -> Json:
        items = forms.feedback(call.body)
        self._note_batch(call, [item["feedback_id"] for item in items])
        return _answer_to(call, [self._take(FEEDBACK, feedback.give, call, item) for item in items])

    def _take(self, kind: Kind, take: Take, call: Call, item: Json) -> Json:
        """Take one item in a transaction of its own; a busy file asks for a retry of this item only."""
        try:
            with self._database.transaction() as database:
                return take(database, call.caller, item, utc_now())
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            return ledger.result(kind, item, "retry", f"The database is busy: {error}.", retry_after=1)

    def _note_batch(self, call: Call, ids: list[str]) -> None:
        """Refuse a key that stood for other items before."""
        key = call.header("idempotency-key")
        if key is None:
            return
        if not 1 <= len(key) <= LONGEST_KEY:
            raise unparsable(f"`Idempotency-Key` has 1 to {LONGEST_KEY} characters.")
        digest = hashlib.sha256(pack(sorted(ids)).encode()).hexdigest()
        with self._database.transaction() as database:
            database.run("INSERT OR IGNORE INTO batches VALUES (?, ?, ?)", call.caller.user_id, key, digest)
            kept = database.row(
                "SELECT ids FROM batches WHERE user_id = ? AND key = ?", call.caller.user_id, key
            )
        if kept is not None and kept["ids"] != digest:
            raise unparsable("`Idempotency-Key` was given before, for other items.")

    def _reply(self, call: Call) -> Json:
        form = forms.reply(call.body)
        with self._database.transaction() as database:
            return replies.answer(database, call.caller.name, form, utc_now())

    def _reply_to_all(self, call: Call) -> Json:
        items = forms.replies(call.body)
        return {"results": replies.answer_all(self._database, call.caller.name, items, utc_now())}

    def _see(self, call: Call) -> Json:
        reply_ids = forms.seen(call.body)
        with self._database.transaction() as database:
            return {"items": replies.see(database, call.caller, reply_ids, utc_now())}

    def _propose(self, call: Call) -> Json:
        with self._database.transaction() as database:
            return proposals.propose(database, call.caller, call.body, self._started_at, utc_now())

    def _word(self, call: Call) -> Json:
        with self._database.transaction() as database:
            return proposals.answer(database, call.caller, call.path("id"), call.body, utc_now())

    def _effects(self, call: Call) -> Json:
        members.only(call.caller, "marketing")
        return ledger.effects_page(self._database, call.cursor, call.limit)


_CAPABILITIES: Json = {
    "name": "Embedded CRM",
    "batch": forms.BATCH,
    "reasons": "weights",
    "timeline": True,
    "replies": True,
    "conditional_write": True,
    "idempotency": True,
    "people": True,
    "statistics": True,
}


def _answer_to(call: Call, results: list[Json]) -> Json:
    """Return the results, of which the fault `partial` swallows the last."""
    return {"results": results[:-1] if call.fault == "partial" else results}


def _lead_for(database: Database, row: sqlite3.Row, caller: Member) -> Json:
    """Return a lead; for marketing with its decision and answer as flat fields."""
    lead = leads.wire(database, row)
    return lead if caller.role == "rep" else lead | answering.fields_of(database, row["lead_id"])


def _etag(row: sqlite3.Row) -> str:
    return f'"{row["version"]}"'


async def _health(_request: Request) -> Response:
    return json_answer({"ok": True})


async def _contract(_request: Request) -> Response:
    text = resources.files("triage.embedded").joinpath("contract.yaml").read_text("utf-8")
    return PlainTextResponse(text, media_type="application/yaml")


async def on_problem(_request: Request, problem: Exception) -> Response:
    """Answer what a route raised on purpose."""
    assert isinstance(problem, Problem)
    return problem_answer(problem)


async def on_http_error(request: Request, error: Any) -> Response:
    """Answer an unknown path or method in the contract's own shape."""
    if error.status_code == HTTPStatus.NOT_FOUND:
        return problem_answer(not_found(f"path {request.url.path}"))
    return problem_answer(
        Problem(error.status_code, "not_possible", f"{request.method} is not possible here.")
    )


async def on_failure(_request: Request, _error: Exception) -> Response:
    """Answer a fault of our own; uvicorn writes the traceback."""
    return problem_answer(Problem(500, "internal", "The server failed."))
