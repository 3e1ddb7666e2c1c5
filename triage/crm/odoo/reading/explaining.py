"""Why Odoo scores one lead as it does, asked only when a person asks: the question itself writes to the lead.

It computes the probability anew. Of a lead without one it gives invented reasons, as a sample: those are
never shown. Reasons have an order and no weights; what pulls down comes with the strongest first, too.

Not confirmed against a live account: that older versions than 17 lack the method, and the texts of values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from triage.crm.dialect import Dialect
from triage.crm.fields import Fields as Reader
from triage.crm.odoo.account import LEADS
from triage.crm.odoo.api import Api, Fields, OdooRefused
from triage.crm.odoo.reading.score import FIELD, MODEL, score_of
from triage.crm.odoo.rows import Values
from triage.domain.lead import LeadId
from triage.domain.score import Contribution, Direction, Reasons, Score
from triage.errors import NotPermitted

_METHOD = "prepare_pls_tooltip_data"
_SINCE = 17
_MOST = 10


class Explaining:
    """Asks for reasons; given up with the first refusal, and never of a score of the company's own."""

    def __init__(self, api: Api, dialect: Dialect) -> None:
        self._api = api
        self._own = dialect.fields.get("score", "")
        self._is_refused = False

    async def is_offered(self) -> bool:
        """Whether this Odoo tells reasons of the score that is shown: by its version, until it refuses."""
        return not self._own and not self._is_refused and (await self._api.version()).major >= _SINCE

    async def explain(self, lead_id: LeadId) -> Score | None:
        """Return the score with its reasons, the strongest first; None where there are none."""
        if not lead_id.isdecimal() or not await self.is_offered():
            return None
        try:
            told = await self._api.call(LEADS, _METHOD, [int(lead_id)], write=True)
        except (NotPermitted, OdooRefused):
            self._is_refused = await self._sees(lead_id)
            return None
        score = score_in(told, await self._api.fields(LEADS))
        return replace(score, score=await self._scored(lead_id, score.score)) if score is not None else None

    async def _sees(self, lead_id: LeadId) -> bool:
        """Whether the lead is there for this user: then it is the question that is refused, for all leads."""
        context = {"active_test": False}
        return bool(
            await self._api.call(LEADS, "search_count", domain=[["id", "=", int(lead_id)]], context=context)
        )

    async def _scored(self, lead_id: LeadId, told: float) -> float:
        """Return the score as a fetch has it: reasons are kept for as long as that is the same."""
        context = {"active_test": False}
        rows = await self._api.search_read(LEADS, [["id", "=", int(lead_id)]], [FIELD], context=context)
        read = score_of(Values(rows[0])) if rows else None
        return read.score if read is not None else told


def score_in(told: object, fields: Fields) -> Score | None:
    """Return what an answer says; None at a probability of 0: its reasons are invented then."""
    said = Reader(told if isinstance(told, dict) else {}, Counter())
    points = said.number("probability")
    if points is None or round(points, 2) <= 0:
        return None
    parts = [
        *_parts(said.children("top_3_data"), Direction.UP, fields),
        *_parts(said.children("low_3_data"), Direction.DOWN, fields),
    ]
    return Score(points, contributions=tuple(parts), model_version=MODEL, reasons=Reasons.ORDER)


def _parts(entries: Iterable[Reader], direction: Direction, fields: Fields) -> Iterable[Contribution]:
    for entry, _ in zip(entries, range(_MOST), strict=False):
        name = entry.text("field")
        if name:
            label = fields.get(name, {}).get("string")
            yield Contribution(
                label=label if isinstance(label, str) and label else name,
                evidence=_shown(entry.raw("value"), fields.get(name, {})),
                direction=direction,
            )


def _shown(value: Any, field: Any) -> str:
    """Return a value as people know it: an option by its label."""
    options = field.get("selection") if isinstance(field, dict) else None
    pairs = options if isinstance(options, list) else []
    named = [pair[1] for pair in pairs if isinstance(pair, list) and pair[:1] == [value] and len(pair) > 1]
    if named:
        return str(named[0])
    return value if isinstance(value, str) else "" if value in (None, False) else str(value)
