"""The requests inside a graph: all of one graph take effect, or none. Pure.

Not confirmed against a live account: the requests of one graph need not refer to each other.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from triage.crm.salesforce.api import DATA

_GRAPH_ID = 36
"""Letters after the first; Salesforce takes fewer than 40."""
_ODD = re.compile(r"[^A-Za-z0-9]")


def node(
    method: str,
    sobject: str,
    reference: str,
    body: dict[str, Any],
    *,
    record_id: str = "",
    unmodified_since: datetime | None = None,
) -> dict[str, Any]:
    """Return one request on an object, or on the record of an id; `sobject` may name a key: Object/Key__c.

    `unmodified_since`: refused with 412 where the record was changed after this second.
    """
    path = f"{DATA}/sobjects/{sobject}" + (
        f"/{quote(record_id, safe='', errors='replace')}" if record_id else ""
    )
    plain = {name: _unreferring(value) for name, value in body.items()}
    made: dict[str, Any] = {"method": method, "url": path, "referenceId": reference, "body": plain}
    if unmodified_since is not None:
        made["httpHeaders"] = {"If-Unmodified-Since": http_date(unmodified_since)}
    return made


def graph(graph_id: str, *nodes: dict[str, Any]) -> dict[str, Any]:
    """Return one graph."""
    return {"graphId": graph_id, "compositeRequest": list(nodes)}


def graph_id_of(item_id: str) -> str:
    """Return the id of the graph of an item or an answer: a letter, then letters and digits."""
    plain = _ODD.sub("", item_id)
    if len(plain) > _GRAPH_ID:
        plain = hashlib.sha256(item_id.encode("utf-8", "surrogatepass")).hexdigest()[:_GRAPH_ID]
    return f"g{plain}"


def _unreferring(value: Any) -> Any:
    """Return a text that names no other request's result: Salesforce would put that in its place."""
    return value.replace("@{", "@ {") if isinstance(value, str) else value


def http_date(moment: datetime) -> str:
    """Return a moment as an HTTP header says it: whole seconds in GMT."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)
