"""Everything else the CRM says of a lead, under a name each and whole: the page's last resort."""

from __future__ import annotations

from screens.cells import Line, say
from screens.folding import UNBOUNDED, folded
from screens.panels.account import NAMED
from screens.panels.glance import Glance
from screens.panels.marketing import LABEL, fact
from screens.panels.timeline import PROSE
from triage.domain.record import on_record


def record_lines(glance: Glance) -> list[Line]:
    """Return the fields of a lead, a label each."""
    wide = glance.narrowed(UNBOUNDED)
    lines = [Line("On record", glance.ink.dim)]
    for label, parts in (*on_record(glance.lead), *_not_named(glance)):
        said = fact(wide, label, " · ".join(say(part, PROSE) for part in parts))
        lines.extend(folded(said, glance.width, LABEL))
    return lines


def _not_named(glance: Glance) -> list[tuple[str, tuple[str, ...]]]:
    """Return the colleagues of an account that is too large for a line each."""
    colleagues = glance.lead.account.colleagues
    if len(colleagues) <= NAMED:
        return []
    return [("colleagues", tuple(f"{one.name} {one.lead_id}".strip() for one in colleagues))]
