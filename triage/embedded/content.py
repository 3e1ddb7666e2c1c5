"""What reps have asked marketing for. Kept nowhere by itself: it follows from the feedback that stands.

So a retraction takes its voice back, and twenty leads of one act are one request.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from msgspec import Struct, field

from triage.embedded import ledger
from triage.embedded.database import Database, Json
from triage.embedded.members import Member

TYPE = "content_request"
_STATES = {"planned": "planned", "changed": "delivered", "delivered": "delivered", "no_change": "declined"}
"""What marketing's reply makes of a request."""
_ANSWER = "Security and data protection, answered"


class _Request(Struct):
    request_id: str
    topic: str
    asset_type: str
    persona: str
    needed_by: str
    state: str = "open"
    answered_with: str = ""
    seeded: int = 0
    """Voices from before this CRM's first feedback."""
    reps: set[str] = field(default_factory=set)


def _seeds() -> tuple[_Request, ...]:
    """Return what was asked for before."""
    asked = (
        ("Integration with existing ERP systems", "technical brief", "IT", "open", "", 5),
        ("Return on investment for a plant with one line", "calculator", "plant manager", "planned", "", 4),
        ("Customer story from the chemicals industry", "case study", "director", "open", "", 2),
        ("Answers for the data protection officer", "questionnaire", "IT", "delivered", _ANSWER, 3),
    )
    return tuple(
        _Request(f"CR-{number}", topic, kind, persona, "", state, answer, voices)
        for number, (topic, kind, persona, state, answer, voices) in enumerate(asked, 1)
    )


def page(database: Database, caller: Member) -> Json:
    """Return the requests that someone stands behind, the oldest first."""
    standing = (one for one in _requests(database).values() if one.seeded or one.reps)
    return {"items": [_wire(one, caller) for one in standing]}


def is_known(database: Database, request_id: object) -> bool:
    """Whether one more voice can be given to a request of this id."""
    return isinstance(request_id, str) and request_id in _requests(database)


def _requests(database: Database) -> dict[str, _Request]:
    requests = {one.request_id: one for one in _seeds()}
    rows = database.rows(
        "SELECT * FROM items WHERE kind = 'feedback' AND body LIKE ? ORDER BY seq", f"%{TYPE}%"
    )
    asked = [(row, item) for row in rows if (item := json.loads(row["body"]))["type"] == TYPE]
    for row, item in asked:
        opened = _opened(item)
        if opened is not None:
            request = requests.setdefault(opened.request_id, opened)
            _answer(database, request, row)
    for row, item in asked:
        chosen = requests.get(_text(item, "request_id") or _id_of(item))
        if chosen is not None and row["state"] != "retracted":
            chosen.reps.add(row["rep_id"])
    return requests


def _opened(item: Json) -> _Request | None:
    """Return the request that a piece of feedback opens: one for all leads of an act."""
    topic = _text(item, "topic").strip()
    if not topic or _text(item, "request_id"):
        return None
    kind, persona, needed_by = (_text(item, name) for name in ("asset_type", "persona", "needed_by"))
    return _Request(_id_of(item), topic, kind, persona, needed_by)


def _id_of(item: Json) -> str:
    return str(item["batch_id"] or item["feedback_id"])


def _text(item: Json, name: str) -> str:
    """Return a text of the payload, which is kept as it came, whatever it is."""
    value: Any = item["payload"].get(name)
    return value if isinstance(value, str) else ""


def _answer(database: Database, request: _Request, row: sqlite3.Row) -> None:
    """Let marketing's last word on the feedback be the request's state."""
    for reply in ledger.replies_to(database, row["kind"], row["id"]):
        if reply["kind"] in _STATES:
            request.state = _STATES[reply["kind"]]
            request.answered_with = reply["link"] or request.answered_with


def _wire(request: _Request, caller: Member) -> Json:
    return {
        "request_id": request.request_id,
        "topic": request.topic,
        "asset_type": request.asset_type,
        "persona": request.persona,
        "state": request.state,
        "needed_by": request.needed_by or None,
        "votes": request.seeded + len(request.reps),
        "answered_with": request.answered_with or None,
        "mine": caller.user_id in request.reps,
    }
