"""Deadlines for leads of a CRM that tells none, by the agreed definition. The CRM's own are never changed."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from triage.domain.deadlines import agreed_deadline, rule_for, sla_trouble
from triage.domain.definition import Definition
from triage.domain.lead import Lead
from triage.errors import ConfigError

COUNTED_BY = "sla_counted_by"
"""The cache's note of the rules and the calendar that its deadlines were counted by."""


class Deadlines:
    """The rules of one definition, for one run of fetching."""

    def __init__(self, definition: Definition | None) -> None:
        self._agreed = definition if definition is not None and definition.sla else None
        rules = self._agreed.sla if self._agreed is not None else ()
        self._odd = {rule.name for rule in rules if self._is_odd(rule.name)}
        """Rules that give no deadline: whoever looks at a lead is told why."""

    @property
    def mark(self) -> str | None:
        """Differs with anything that a deadline is counted by; None where nothing is agreed."""
        if self._agreed is None:
            return None
        calendar = self._agreed.calendar
        return repr((self._agreed.sla, calendar and (calendar.time_zone, calendar.hours, calendar.holidays)))

    def given_to(self, leads: Iterable[Lead]) -> list[Lead]:
        """Return leads each with a deadline, as far as the CRM or the definition gives one."""
        return [self._due(lead) if lead.sla_due_at is None else lead for lead in leads]

    def _due(self, lead: Lead) -> Lead:
        agreed = self._agreed
        rule = rule_for(lead, agreed) if agreed is not None else None
        if agreed is None or rule is None or rule.name in self._odd:
            return lead
        try:
            found = agreed_deadline(lead, agreed)
        except ConfigError:  # a moment that nothing can be counted from
            return lead
        return replace(lead, sla_due_at=found[0], sla_rule=found[1]) if found is not None else lead

    def _is_odd(self, name: str) -> bool:
        assert self._agreed is not None
        of_name = tuple(rule for rule in self._agreed.sla if rule.name == name)
        return bool(sla_trouble(replace(self._agreed, sla=of_name)))
