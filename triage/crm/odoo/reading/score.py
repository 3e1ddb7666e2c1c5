"""What Odoo's predictive scoring says of a lead: a chance of 0.01 to 99.99 %, without its reasons. Pure.

Not confirmed against a live account: that 0 means “not computed”, for the computation stops at 0.01.
"""

from __future__ import annotations

from triage.crm.odoo.rows import Values
from triage.domain.score import Reasons, Score

FIELD = "automated_probability"
MODEL = "Odoo predictive lead scoring"


def score_of(said: Values, own: str = "") -> Score | None:
    """Return the score, 0 to 100; `own` is the profile's field for it. None where there is none."""
    points = said.number(own or FIELD)
    if points is None or (points <= 0 and not own):
        return None
    return Score(points, model_version=own or MODEL, reasons=Reasons.NONE)
