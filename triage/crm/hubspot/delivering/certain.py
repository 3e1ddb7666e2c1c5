"""Updates with a second look: where an answer is lost, the record itself says whether it took effect."""

from __future__ import annotations

from collections.abc import Sequence

from triage.crm.hubspot import names
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.delivering import writing
from triage.crm.hubspot.delivering.writing import Input, Told
from triage.crm.hubspot.rows import Row
from triage.crm.hubspot.values import Values
from triage.domain.outcome import Unknown
from triage.errors import AnswerLost, CrmError

_TELLING = (names.KEY, names.STAGE, names.LEAD_STATUS, names.OWNER)
"""The properties by which a write is known again."""


async def update(api: Api, kind: str, inputs: Sequence[Input]) -> Told:
    """Update records once; what cannot be told is read again before it is called unknown.

    Raises what concerns all of them; then none was written, or AnswerLost with a pause that is asked for.
    """
    try:
        told = await writing.write(api, kind, writing.UPDATE, inputs)
    except AnswerLost as error:
        if error.retry_after is not None:
            raise
        told = Told(failed={one.item_id: Unknown(error.message) for one in inputs})
    doubtful = [one for one in inputs if isinstance(told.failed.get(one.item_id), Unknown)]
    done = await _there(api, kind, doubtful) if doubtful else {}
    failed = {item_id: outcome for item_id, outcome in told.failed.items() if item_id not in done}
    return Told(told.rows | done, failed)


async def _there(api: Api, kind: str, doubtful: Sequence[Input]) -> dict[str, Row]:
    """Return the records that stand as they were to be written, by item. None where that cannot be told."""
    wanted = [*_TELLING, names.MODIFIED[kind]]
    try:
        rows = (await api.read_batch(kind, [one.record_id for one in doubtful], wanted)).rows
    except CrmError:
        return {}
    return {
        one.item_id: rows[one.record_id]
        for one in doubtful
        if one.record_id in rows and _is_written(one, Values(rows[one.record_id]["properties"]))
    }


def _is_written(one: Input, values: Values) -> bool:
    """Whether a record carries our key; without that property, whether stage and owner are as written."""
    properties: dict[str, str] = one.body["properties"]
    if names.KEY in properties:
        return values.text(names.KEY) == properties[names.KEY]
    telling = [name for name in _TELLING if name in properties]
    return bool(telling) and all(values.text(name) == properties[name] for name in telling)
