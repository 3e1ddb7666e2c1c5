"""The resources of single records: by id, by external id, new ones, and what the object is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.salesforce.org import deletions, saving
from tests.salesforce.org.call import Asked, Call, Reply
from tests.salesforce.org.conditions import check_unmodified
from tests.salesforce.org.describing import describe, every_object
from tests.salesforce.org.errors import RefusedError, not_found
from tests.salesforce.org.schema import SObject
from tests.salesforce.org.tables import Row
from tests.salesforce.org.values import shown

_Handle = Callable[[], Reply]


def answer(call: Call, asked: Asked, parts: list[str]) -> Reply:
    """Answer what is asked below /sobjects; `parts` are the decoded parts of the path."""
    if not parts:
        return _by_method(asked, GET=lambda: every_object(call))
    sobject = call.org.schema.of(parts[0], call.user)
    match parts[1:]:
        case []:
            return _by_method(
                asked,
                GET=lambda: Reply(200, {"objectDescribe": {"name": sobject.name}, "recentItems": []}),
                POST=lambda: _create(call, sobject, asked),
            )
        case ["describe"]:
            return _by_method(asked, GET=lambda: describe(call, sobject, asked))
        case ["deleted"]:
            return _by_method(asked, GET=lambda: deletions.answer(call, sobject, asked))
        case [record_id]:
            return _one(call, sobject, saving.record_of(call, sobject, record_id), asked)
        case [name, key]:
            return _keyed(call, sobject, name, key, asked)
    raise not_found()


def _by_method(asked: Asked, **handlers: _Handle) -> Reply:
    handler = handlers.get(asked.method)
    if handler is None:
        words = f"HTTP Method '{asked.method}' not allowed. Allowed are {','.join(handlers)}"
        raise RefusedError(405, "METHOD_NOT_ALLOWED", words)
    return handler()


def _create(call: Call, sobject: SObject, asked: Asked) -> Reply:
    row = saving.create(call, sobject, asked.record)
    return made(call, sobject, row)


def made(call: Call, sobject: SObject, row: Row, **more: Any) -> Reply:
    """Return the answer to a new record."""
    body = {"id": row["Id"], "success": True, "errors": [], **more}
    return Reply(201, body, {"Location": call.url(sobject, row)})


def _one(call: Call, sobject: SObject, row: Row, asked: Asked) -> Reply:
    return _by_method(
        asked,
        GET=lambda: Reply(200, _told(call, sobject, row, asked)),
        PATCH=lambda: _change(call, sobject, row, asked),
        DELETE=lambda: _remove(call, sobject, row),
    )


def _told(call: Call, sobject: SObject, row: Row, asked: Asked) -> dict[str, Any]:
    wanted = asked.params.get("fields")
    schema = call.org.schema
    if wanted:
        paths = [call.eyes.path(sobject, name.strip()) for name in wanted.split(",")]
        values = {path.names[0]: shown(path.get(row)) for path in paths}
    else:
        values = {one.name: shown(row.get(one.name)) for one in schema.fields(sobject, call.user)}
    return {"attributes": {"type": sobject.name, "url": call.url(sobject, row)}, **values}


def _change(call: Call, sobject: SObject, row: Row, asked: Asked) -> Reply:
    check_unmodified(call, sobject, row, asked.headers)
    saving.change(call, sobject, row, asked.record)
    return Reply(204)


def _remove(call: Call, sobject: SObject, row: Row) -> Reply:
    saving.remove(call, sobject, row)
    return Reply(204)


def _keyed(call: Call, sobject: SObject, name: str, key: str, asked: Asked) -> Reply:
    if asked.method == "PATCH":
        return _upsert(call, sobject, name, key, asked)
    _field, rows = saving.by_key(call, sobject, name, key)
    if not rows:
        raise not_found()
    if len(rows) > 1:
        return Reply(300, [call.url(sobject, row) for row in rows])
    return _one(call, sobject, rows[0], asked)


def _upsert(call: Call, sobject: SObject, name: str, key: str, asked: Asked) -> Reply:
    try:
        row, created = saving.upsert(call, sobject, name, key, asked.record)
    except saving.SeveralError as several:
        return Reply(300, several.urls)
    reply = made(call, sobject, row, created=created)
    return reply if created else Reply(200, reply.body)
