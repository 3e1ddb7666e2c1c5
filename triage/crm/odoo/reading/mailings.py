"""What mass mailings and marketing automation did with leads, where those are installed and may be read.

Not confirmed against a live account: the fields of marketing automation (Enterprise).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from triage.crm.odoo.account import LEADS
from triage.crm.odoo.api import Row
from triage.crm.odoo.reading.if_there import IfThere
from triage.crm.odoo.rows import Values
from triage.domain.touch import Nurture, Touch

_TRACES = "mailing.trace"
_PARTICIPANTS = "marketing.participant"
_STEPS = "marketing.trace"
_HAPPENED = {
    "sent_datetime": "sent",
    "open_datetime": "opened",
    "links_click_datetime": "clicked",
    "reply_datetime": "replied",
}


async def read_mailings(if_there: IfThere, ids: Sequence[int]) -> dict[int, list[Touch]]:
    """Return what became of the mailings to leads, by the lead."""
    wanted = ["res_id", "mass_mailing_id", "campaign_id", *_HAPPENED]
    domain = [["model", "=", LEADS], ["res_id", "in", list(ids)]]
    found: dict[int, list[Touch]] = {}
    for row in await if_there.rows(_TRACES, domain, wanted) or ():
        found.setdefault(Values(row).whole("res_id") or 0, []).extend(_touches(row))
    return found


def _touches(row: Row) -> Iterable[Touch]:
    said = Values(row)
    for field, verb in _HAPPENED.items():
        at = said.time(field)
        if at is not None:
            yield Touch(
                touch_id=f"mailing-{row['id']}-{verb}",
                at=at,
                kind=f"mail {verb}",
                channel="e-mail",
                campaign=said.name("campaign_id"),
                asset=said.name("mass_mailing_id"),
                summary=verb,
            )


async def read_programmes(if_there: IfThere, ids: Sequence[int]) -> dict[int, Nurture]:
    """Return the programmes that leads are in now, with what comes next, by the lead."""
    domain: list[Any] = [["state", "=", "running"], ["res_id", "in", list(ids)]]
    if await if_there.has(_PARTICIPANTS, "model_name"):
        domain.append(["model_name", "=", LEADS])
    rows = await if_there.rows(_PARTICIPANTS, domain, ["campaign_id", "res_id"])
    if not rows:
        return {}
    coming = await _coming(if_there, [row["id"] for row in rows])
    found = {}
    for row in rows:
        said, step = Values(row), Values(coming.get(row["id"], {}))
        found[said.whole("res_id") or 0] = Nurture(
            said.name("campaign_id"),
            next_mail=step.name("activity_id") or step.text("activity_id"),
            next_mail_at=step.time("schedule_date"),
        )
    return found


async def _coming(if_there: IfThere, participants: Sequence[int]) -> dict[int, Row]:
    """Return what is planned next, by the participant."""
    domain = [["participant_id", "in", list(participants)], ["state", "=", "scheduled"]]
    wanted = ["participant_id", "activity_id", "schedule_date"]
    rows = await if_there.rows(_STEPS, domain, wanted, order="schedule_date desc")
    return {Values(row).id("participant_id"): row for row in rows or ()}
