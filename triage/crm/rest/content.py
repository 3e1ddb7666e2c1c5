"""From the contract's JSON to what marketing has, and to what it was asked for."""

from __future__ import annotations

from collections import Counter
from typing import Any

from triage.crm.fields import Fields
from triage.domain.content import ContentAsset, ContentRequest


def read_assets(body: dict[str, Any]) -> tuple[ContentAsset, ...]:
    """Return the assets that have an id and a title: another could not be offered."""
    read = (_asset(entry) for entry in Fields(body, Counter()).children("items"))
    return tuple(asset for asset in read if asset is not None)


def read_requests(body: dict[str, Any]) -> tuple[ContentRequest, ...]:
    """Return the requests that have an id and a topic."""
    read = (_request(entry) for entry in Fields(body, Counter()).children("items"))
    return tuple(request for request in read if request is not None)


def _asset(fields: Fields) -> ContentAsset | None:
    asset_id, title = fields.id("asset_id"), fields.text("title")
    if asset_id is None or not title:
        return None
    return ContentAsset(
        asset_id=asset_id,
        title=title,
        kind=fields.text("kind"),
        topics=fields.texts("topics"),
        personas=fields.texts("personas"),
        url=fields.text("url"),
        pitch=fields.text("pitch"),
        template=fields.text("template"),
    )


def _request(fields: Fields) -> ContentRequest | None:
    request_id, topic = fields.id("request_id"), fields.text("topic")
    if request_id is None or not topic:
        return None
    return ContentRequest(
        request_id=request_id,
        topic=topic,
        asset_type=fields.text("asset_type"),
        persona=fields.text("persona"),
        state=fields.text("state") or "open",
        needed_by=fields.text("needed_by"),
        votes=fields.whole("votes") or 0,
        answered_with=fields.text("answered_with"),
        mine=fields.flag("mine"),
    )
