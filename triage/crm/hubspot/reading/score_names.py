"""Which properties hold a portal's score: its admin chose the names. By the profile, or by lead scoring.

Not confirmed against a live account: lead scoring is in beta, and what an entry of its list holds. Without it
the predictive score is taken where the portal has one. The retired `hubspotscore` never is: it stands still.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from triage.crm.dialect import Dialect
from triage.crm.fields import Fields
from triage.crm.hubspot.api import Api
from triage.crm.hubspot.paths import scoring
from triage.errors import CrmError, NotSignedIn

PREDICTIVE = "hs_predictivecontactscore_v2"
TIER = "hs_predictivescoringtier"
_FIT, _INTENT = "FIT", "INTENT"
_MOST_SCORES = 10
"""Scores of a portal that are looked at."""
_GRADE = re.compile(r"([A-Z])([0-9])")


class ScoreNames(Struct, frozen=True):
    """The properties of one score on a contact; an empty name: there is none."""

    total: str = ""
    fit: str = ""
    engagement: str = ""
    threshold: str = ""
    """Its value is a grade such as A1, or a word."""
    model: str = ""
    has_history: bool = False
    """Whether lead scoring tells what moved it."""

    @property
    def main(self) -> str:
        """The property that the score is read from, and whose history says why."""
        return self.total or self.fit or self.engagement

    @property
    def properties(self) -> tuple[str, ...]:
        """All properties to be read."""
        return tuple(name for name in (self.total, self.fit, self.engagement, self.threshold) if name)


async def find(api: Api, dialect: Dialect) -> ScoreNames:
    """Return a portal's score: as the profile names it, as lead scoring lists it, or the predictive one."""
    named = ScoreNames(
        total=dialect.fields.get("score", ""),
        fit=dialect.fields.get("fit", ""),
        engagement=dialect.fields.get("engagement", ""),
        threshold=dialect.fields.get("grade", ""),
    )
    listed = await _listed(api)
    if named.main:
        alike = next((one for one in listed if named.main in one.properties), None)
        if alike is None:
            return named
        return ScoreNames(
            total=named.total or alike.total,
            fit=named.fit or alike.fit,
            engagement=named.engagement or alike.engagement,
            threshold=named.threshold or alike.threshold,
            model=alike.model,
            has_history=True,
        )
    both = [one for one in listed if one.total]
    return next(iter([*both, *listed]), ScoreNames(total=PREDICTIVE, model="HubSpot predictive"))


async def _listed(api: Api) -> list[ScoreNames]:
    """Return the scores of contacts that lead scoring knows; none where the account does not give it."""
    try:
        answer = await api.optional(scoring("scores"), expect=("results",))
        if answer is None:
            return []
        entries = list(Fields(answer.body, Counter()).children("results"))[:_MOST_SCORES]
        found = [await _one(api, entry) for entry in entries]
    except NotSignedIn:
        raise
    except CrmError:  # reasons are a thing apart: leads come without them
        return []
    return [one for one in found if one is not None and one.main]


async def _one(api: Api, entry: Fields) -> ScoreNames | None:
    score_id = str(entry.raw("id") or entry.raw("scoreId") or "")
    if not _is_of_contacts(entry):
        return None
    if not entry.has("outputConfiguration") and score_id:
        answer = await api.optional(scoring("scores", score_id))
        entry = Fields(answer.body if answer is not None else {}, Counter())
    outputs = entry.child("outputConfiguration")
    name = entry.text("name") or score_id
    return _names(outputs.children("outputs"), name) if outputs is not None else None


def _is_of_contacts(entry: Fields) -> bool:
    kind = entry.raw("scoredObjectTypeId") or entry.raw("objectTypeId") or "0-1"
    return str(kind) == "0-1"


def _names(outputs: Iterable[Fields], model: str) -> ScoreNames:
    found: dict[str, Any] = {}
    for output in outputs:
        found.setdefault(_part(output), output.text("propertyName"))
    found.pop("", None)
    return ScoreNames(**found, model=model, has_history=True)


def _part(output: Fields) -> str:
    if output.text("outputType") != "SCORE":
        return "threshold" if output.text("outputType") in ("THRESHOLD", "MATRIX") else ""
    match sorted(output.texts("categories")):
        case ["FIT"]:
            return "fit"
        case ["INTENT"]:
            return "engagement"
    return "total"


def grades_of(text: str) -> tuple[str, str]:
    """Return fit and engagement of a grade such as A1; two empty texts for a word such as High."""
    found = _GRADE.fullmatch(text.strip())
    return (found[1], found[2]) if found else ("", "")
