"""An invented database on reserved domains, the same for the same number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.odoo.server import chatter, manual_fields, people
from tests.odoo.server.environment import Env
from tests.odoo.server.fields import Field as FieldOf
from tests.odoo.server.fields import Row, char
from tests.odoo.server.writing import made_of

FIRST = ("Ada", "Bruno", "Chloe", "Daniel", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Luca")
LAST = (
    "Abend",
    "Berger",
    "Costa",
    "Duval",
    "Eriksen",
    "Farah",
    "Gruber",
    "Hansen",
    "Ivanova",
    "Jansen",
    "Kovacs",
)
_TITLES = ("Head of Operations", "CTO", "Marketing Manager", "Buyer", "Student", "VP Sales")
_CITIES = ("Berlin", "Porto", "Oslo")
_COUNTRIES = (("Germany", "DE"), ("Portugal", "PT"), ("Norway", "NO"), ("Belgium", "BE"))
_PER_COMPANY = 8
STAGES = (("New", 1, False), ("Qualified", 2, False), ("Proposition", 3, False), ("Won", 70, True))
REASONS = ("Too expensive", "We don't have people/skills", "Not enough stock")
TAGS = tuple(f"triage: {one}" for one in ("accepted", "recycled", "snoozed", "rejected", "disqualified"))


def base(env: Env) -> None:
    """What every database has: stages, reasons, a team, and names of its models."""
    for model in list(env.state.tables.models):
        made_of(env, env["ir.model"], {"name": env[model].label, "model": model})
    for code, language in (("en_US", "English (US)"), ("de_DE", "German")):
        made_of(env, env["res.lang"], {"code": code, "name": language})
    for name, code in _COUNTRIES:
        made_of(env, env["res.country"], {"name": name, "code": code})
    for name, sequence, is_won in STAGES:
        made_of(env, env["crm.stage"], {"name": name, "sequence": sequence, "is_won": is_won})
    for name in REASONS:
        made_of(env, env["crm.lost.reason"], {"name": name})
    members = [[6, 0, [people.ME, people.COLLEAGUE]]]
    made_of(env, env["crm.team"], {"name": "Sales", "user_id": people.MARKETER, "member_ids": members})
    made_of(env, env["mail.activity.type"], {"name": "To-Do"})
    subtypes = env["mail.message.subtype"]
    for key, name in sorted(chatter.SUBTYPES.items()):
        row = made_of(env, subtypes, {"name": name, "internal": key == chatter.NOTE})
        assert row["id"] == key
    made_of(env, env["ir.config_parameter"], {"key": "database.uuid", "value": env.state.database})


def campaigns(env: Env) -> None:
    for name in ("Spring launch", "Newsletter, first of the month"):
        made_of(env, env["utm.campaign"], {"name": name, "title": name})
    for name in ("Search engine", "Newsletter", "Webinar"):
        made_of(env, env["utm.source"], {"name": name})
    for name in ("Website", "Email"):
        made_of(env, env["utm.medium"], {"name": name})


def history(env: Env) -> None:
    """What the scoring has learned: some hundred leads won and lost."""
    counts = [
        ("stage_id", "5", 40.1, 160.1), ("stage_id", "6", 60.1, 60.1), ("stage_id", "7", 80.1, 20.1),
        ("source_id", "1", 90.1, 60.1), ("source_id", "2", 30.1, 120.1), ("source_id", "3", 60.1, 60.1),
        ("country_id", "1", 80.1, 60.1), ("country_id", "2", 20.1, 90.1), ("country_id", "3", 50.1, 50.1),
        ("phone_state", "correct", 120.1, 100.1), ("phone_state", "incorrect", 10.1, 60.1),
        ("email_state", "correct", 150.1, 140.1), ("email_state", "incorrect", 2.1, 40.1),
    ]  # fmt: skip
    for variable, value, won, lost in counts:
        values = {"variable": variable, "value": value, "won_count": won, "lost_count": lost}
        made_of(env, env["crm.lead.scoring.frequency"], values)


def set_up(env: Env) -> None:
    """What an admin makes for triage: tags, and fields on the lead."""
    for color, name in enumerate(TAGS, 1):
        made_of(env, env["crm.tag"], {"name": name, "color": color})
    for name, field in MANUAL.items():
        manual_fields.add(env, env["crm.lead"], name, field)
        for row in env["crm.lead"].rows.values():
            row.setdefault(name, None)


MANUAL: dict[str, FieldOf] = {
    "x_triage_outcome": char("Triage outcome", manual=True),
    "x_triage_reason": char("Triage reason", manual=True),
    "x_triage_decision_key": char("Triage decision", manual=True),
    "x_triage_answer": FieldOf("text", "Answer to the rep", manual=True),
    "x_triage_answer_kind": char("Kind of answer", manual=True),
}


def lead(env: Env, number: int, owner: int | None, *, kind: str) -> Row:
    """Make the n-th lead: always the same person, with what marketing knows of them."""
    at = env.state.clock.now() - timedelta(hours=6, minutes=number % 300)
    values = _who(number) | {
        "type": kind,
        "user_id": owner or False,
        "team_id": 1,
        "priority": str(number % 4),
    }
    values |= {"campaign_id": 1 + number % 2, "source_id": 1 + number % 3, "medium_id": 1 + number % 2}
    row = made_of(env, env["crm.lead"], values)
    row |= {"create_date": at, "write_date": at + timedelta(seconds=number % 50), "date_open": at}
    row["_pages"] = 3 + number % 20
    _chatter(env, row, number)
    if "mailing.trace" in env.state.tables.models:
        _mailed(env, row, number)
    return row


def _who(number: int) -> dict[str, Any]:
    first, last = FIRST[number % len(FIRST)], LAST[number % len(LAST)]
    company = number // _PER_COMPANY
    return {
        "name": f"{first} {last}: route planning",
        "contact_name": f"{first} {last}",
        "partner_name": f"Company {company}",
        "email_from": f"{first}.{last}.{number}@company{company}.example".lower(),
        "email_state": "correct",
        "phone": f"+49 30 5550{number % 10_000:04d}",
        "phone_state": "correct" if number % 3 else "incorrect",
        "function": _TITLES[number % len(_TITLES)],
        "website": f"https://company{company}.example",
        "city": _CITIES[number % len(_CITIES)],
        "country_id": 1 + number % len(_CITIES),
        "lang_id": 1,
        "referred": "Partner desk" if number % 5 == 0 else False,
        "description": f"<p>Asked for a demo &amp; a price for {10 + number % 90} vans.</p>",
        "expected_revenue": 1_000.0 * (number % 9),
    }


def _chatter(env: Env, row: Row, number: int) -> None:
    """What stands on the lead from the beginning."""
    robot, at = people.partner_of(people.ADMIN), row["create_date"]
    said = {"message_type": "notification", "body": "<p>Lead/Opportunity created</p>", "date": at}
    chatter.put(env, row, robot, chatter.NOTE, said)
    if number % 2 == 0:
        body = f"<p>Attended the webinar: <b>first steps</b> ({30 + number % 30}&nbsp;min).</p>"
        said = {"message_type": "comment", "body": body, "date": at + timedelta(minutes=5)}
        chatter.put(env, row, people.partner_of(people.MARKETER), chatter.NOTE, said)


def _mailed(env: Env, row: Row, number: int) -> None:
    mailings = env["mailing.mailing"]
    if not mailings.rows:
        made_of(env, mailings, {"subject": "Newsletter, first of the month"})
    sent = row["create_date"] - timedelta(days=3)
    values: Row = {"model": "crm.lead", "res_id": row["id"], "email": row["email_from"], "mass_mailing_id": 1}
    values |= {"campaign_id": 2, "trace_status": "open" if number % 2 else "sent", "sent_datetime": sent}
    values["open_datetime"] = sent + timedelta(hours=1) if number % 2 else False
    values["links_click_datetime"] = sent + timedelta(hours=2) if number % 4 == 1 else False
    made_of(env, env["mailing.trace"], values)
