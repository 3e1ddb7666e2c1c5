"""What was given to the rep, as the text that sync keeps: a fingerprint of each lead, 20 bytes. Pure.

BottleCRM tells nobody what has changed since a moment. So each fetch reads the whole list, and this says
which of it is news, and which leads are no longer there.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from hashlib import blake2b
from uuid import UUID

from msgspec import to_builtins
from msgspec.structs import replace

from triage.domain.lead import Lead
from triage.errors import StaleCursor

Held = dict[UUID, bytes]
"""What the rep has: leads, each with its fingerprint."""
_KIND = "b1"
_OF, _ID, _PRINT = 8, 16, 4


def begin(cursor: str | None, user_id: str) -> Held:
    """Return what the rep has by a cursor. StaleCursor: it is none of this rep's, all has to come again."""
    if cursor is None:
        return {}
    kind, _, packed = cursor.partition(".")
    try:
        raw = base64.b64decode(packed, validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    body = raw[_OF:]
    if kind != _KIND or raw[:_OF] != _of(user_id) or len(body) % (_ID + _PRINT):
        raise StaleCursor("Where the last fetch from BottleCRM ended is not known: all leads come again.")
    steps = range(0, len(body), _ID + _PRINT)
    return {UUID(bytes=body[at : at + _ID]): body[at + _ID : at + _ID + _PRINT] for at in steps}


def text(held: Mapping[UUID, bytes], user_id: str) -> str:
    """Return the cursor."""
    body = b"".join(lead_id.bytes + held[lead_id] for lead_id in sorted(held))
    return f"{_KIND}.{base64.b64encode(_of(user_id) + body).decode('ascii')}"


def fingerprint(lead: Lead) -> bytes:
    """Return four bytes that change with whatever a rep may see of a lead; one in four billion does not."""
    seen = to_builtins(replace(lead, fetched_at=None))
    return blake2b(json.dumps(seen, ensure_ascii=True).encode("ascii"), digest_size=_PRINT).digest()


def uuid_of(lead_id: str) -> UUID | None:
    """Return a lead's id as it is packed; None where it is none of BottleCRM's."""
    try:
        found = UUID(lead_id)
    except ValueError:
        return None
    return found if str(found) == lead_id else None


def _of(user_id: str) -> bytes:
    return blake2b(user_id.encode("utf-8", "surrogatepass"), digest_size=_OF).digest()
