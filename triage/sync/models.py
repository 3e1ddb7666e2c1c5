"""Score models that leads come with, as pages arrive: which are seen for the first time, and what they moved.

Looks at outlines only, and only for leads whose model is not known yet. On the store's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from triage.domain.lead import Lead, LeadId
from triage.domain.outline import Outline
from triage.domain.rule_history import KEPT, SeenModel
from triage.store.leads import Leads
from triage.store.rule_history import models_of, remember_models


class ModelWatch:
    """What one fetch tells about score models."""

    def __init__(self, leads: Leads) -> None:
        self._leads = leads
        self._known: frozenset[str] | None = None
        self._counts: dict[str, tuple[int, int]] = {}
        """Model → leads that were here before, and those among them that changed their band."""

    def see(self, leads: Iterable[Lead]) -> None:
        """Take in leads before they take the place of what is here."""
        if self._known is None:
            self._known = frozenset(one.version for one in models_of(self._leads))
        fresh = [lead for lead in leads if lead.score and lead.score.model_version not in {"", *self._known}]
        if not fresh:
            return
        bands = dict(self._leads.outlines_of([lead.lead_id for lead in fresh], _band, strict=False))
        for lead in fresh:
            self._count(lead, bands.get(lead.lead_id))

    def keep(self, now: datetime) -> None:
        """Remember the models that this fetch, begun `now`, saw for the first time."""
        if self._counts:
            models = [
                SeenModel(version, now, leads, moved) for version, (leads, moved) in self._counts.items()
            ]
            remember_models(self._leads, models)

    def _count(self, lead: Lead, band: str | None) -> None:
        assert lead.score is not None
        version = lead.score.model_version
        if version not in self._counts and len(self._counts) >= KEPT:
            return  # a CRM that names a model for each lead says nothing by it
        leads, moved = self._counts.get(version, (0, 0))
        if band:
            leads, moved = leads + 1, moved + (band != lead.score.band)
        self._counts[version] = (leads, moved)


def _band(outline: Outline, _read: Callable[[], Lead], _gone: bool) -> tuple[LeadId, str]:  # noqa: FBT001 - as it is kept
    return outline.lead_id, outline.score.band if outline.score else ""
