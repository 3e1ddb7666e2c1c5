"""A note of HTML as triage's own record: readable words first, then a marker and the record itself.

The marker says whose note it is, so that nothing is written twice; the record says all that the timeline has
no field for. Pure. Must never take a marker in somebody's words for one of ours: only the last one counts,
and brackets in words are written as entities.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from triage.crm.limits import decode
from triage.crm.records.mark import Mark, Record, word_of
from triage.domain.item import Item
from triage.domain.review import Reply
from triage.text import clean, clean_note

LONGEST = 65_536
"""Characters of a note, at whichever CRM takes the fewest."""
_WORDS = 4_000
"""Characters of somebody's words in the readable part; the record has them whole."""
_SHORT_WORDS = 1_000
_FEW = 10
_MARKER = re.compile(
    r"\[triage(-answer)?:([A-Za-z0-9._:-]{1,128}) ([a-z_]{1,40})\](?:<[^<>]{0,200}>|&nbsp;|\s){0,20}([\w-]*)",
    re.ASCII,
)


def read(note_id: str, body: object, at: datetime | None) -> Mark | None:
    """Return what a note says that the CRM took at a moment, or None where it is not one of ours."""
    found = _MARKER.findall(body[-LONGEST:]) if isinstance(body, str) else []
    if not found:
        return None
    answers, item_id, word, packed = found[-1]
    return Mark(note_id, item_id, word, _unpacked(packed), at, is_answer=bool(answers))


def of_item(item: Item, record: Record, readable: str) -> str:
    """Return the body of a note about a decision or a piece of feedback."""
    return _body(f"triage:{item.id} {word_of(item)}", readable, record)


def of_reply(reply: Reply, record: Record) -> str:
    """Return the body of a note with marketing's answer."""
    readable = paragraphs(f"Marketing: {reply.kind.value}", words(reply.text), words(reply.link or ""))
    return _body(f"triage-answer:{reply.reply_id} {reply.kind.value}", readable, record)


def words(text: str) -> str:
    """Return somebody's words as a timeline can show them, bounded."""
    return str(clean_note(text[:_WORDS])) + ("" if len(text) <= _WORDS else " …")


def paragraphs(*lines: str) -> str:
    """Return HTML of lines of text; nothing in them is markup or a marker of ours."""
    return "".join(f"<p>{_escaped(line)}</p>" for line in lines if line)


def _escaped(line: str) -> str:
    return html.escape(line).replace("[", "&#91;").replace("\n", "<br>")


def _body(marker: str, readable: str, record: Record) -> str:
    """Put a note together; a record that does not fit is shortened, and says so."""
    room = LONGEST - len(readable) - len(marker) - len("<p>[] </p>")
    packed = _packed(record)
    for shortened in _SHORTER:
        if len(packed) <= room:
            break
        record = {**shortened(record), "shortened": True}
        packed = _packed(record)
    return f"{readable}<p>[{marker}] {packed}</p>"


def _packed(record: Record) -> str:
    text = json.dumps(record, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode("ascii")).decode("ascii").rstrip("=")


def _unpacked(packed: str) -> Record:
    """Return the record; empty where somebody has changed the note."""
    try:
        raw = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        record = decode(raw)
    except (ValueError, binascii.Error):
        return {}
    return record if isinstance(record, dict) else {}


def _fewer_contributions(record: Record) -> Record:
    def fewer(snapshot: Mapping[str, Any]) -> Record:
        parts = snapshot.get("contributions") or []
        return {**snapshot, "contributions": parts[:_FEW], "contributions_left_out": len(parts[_FEW:])}

    return _with_snapshot(record, fewer)


def _short_words(record: Record) -> Record:
    return {name: _cut(value) for name, value in record.items()}


def _no_snapshot(record: Record) -> Record:
    def kept(snapshot: Mapping[str, Any]) -> Record:
        return {name: value for name, value in _cut(snapshot).items() if not isinstance(value, list)}

    return _with_snapshot(_short_words(record), kept)


def _nothing_but_the_id(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in ("item", "reply")}


_SHORTER: tuple[Callable[[Record], Record], ...] = (
    _fewer_contributions,
    _short_words,
    _no_snapshot,
    _nothing_but_the_id,
)


def _with_snapshot(record: Record, change: Callable[[Mapping[str, Any]], Record]) -> Record:
    item = record.get("item")
    snapshot = item.get("snapshot") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(snapshot, dict):
        return record
    return {**record, "item": {**item, "snapshot": change(snapshot)}}


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _SHORT_WORDS:
        return str(clean(value[:_SHORT_WORDS], limit=_SHORT_WORDS, multiline=True)) + " … (shortened)"
    if isinstance(value, dict):
        return {name: _cut(entry) for name, entry in value.items()}
    return [_cut(entry) for entry in value] if isinstance(value, list) else value
