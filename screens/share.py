"""The share line as it may be drawn and copied: about a lead, a reply or an act. Pure."""

from __future__ import annotations

from screens.cells import say
from screens.panels.glance import Glance
from screens.panels.marketing import campaign_words
from triage.desk.answers import Answer
from triage.desk.history import Deed
from triage.domain import sharing
from triage.domain.outline import AnyLead


def lead_line(glance: Glance) -> str:
    """Return one line about a lead; a score that is hidden stays so."""
    return _said(sharing.lead_line(glance.entry, campaign_words(glance)))


def reply_line(answer: Answer, lead: AnyLead | None) -> str:
    """Return one line about a reply."""
    return _said(sharing.reply_line(answer.reply, answer.item, lead))


def deed_line(deed: Deed, lead: AnyLead | None) -> str:
    """Return one line about an act."""
    return _said(sharing.deed_line(deed.first, lead, len(deed.items)))


def _said(line: str) -> str:
    return say(line, limit=sharing.LONGEST)
