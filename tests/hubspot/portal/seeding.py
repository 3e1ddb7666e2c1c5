"""Invented leads on reserved domains, the same for the same number."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.hubspot.portal.kinds import COMPANIES, CONTACTS, LEADS
from tests.hubspot.portal.marketing import Enrolment
from tests.hubspot.portal.owners import ME
from tests.hubspot.portal.records import SYSTEM, Record
from tests.hubspot.portal.scoring import Moved
from tests.hubspot.portal.stamps import iso

if TYPE_CHECKING:
    from tests.hubspot.portal.state import State

_FIRST = ("Ada", "Bruno", "Chloe", "Daniel", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Luca")
_LAST = (
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
_PLACES = (("Berlin", "Germany", "DE", "europe/berlin"), ("Porto", "Portugal", "PT", "europe/lisbon"),
           ("Oslo", "Norway", "NO", "europe/oslo"))  # fmt: skip
_SOURCES = (
    ("PAID_SEARCH", "spring-launch", "route planning", "spring-launch"),
    ("ORGANIC_SEARCH", "Unknown keywords (SSL)", "google", ""),
    ("EMAIL_MARKETING", "newsletter", "Newsletter, first of the month", "newsletter"),
)
"""Source, its two drill-downs, and the campaign: an organic search has none."""
_FORMS = ("Demo request", "White paper: planning", "Webinar: first steps")
_SIZES = (12, 80, 240, 1_100)
LISTS = {"12": "Nurture: operations", "13": "Webinar guests"}
_PER_COMPANY = 8


def people(state: State, number: int, *, owner: str = ME.id, start: int = 0) -> list[Record]:
    """Make contacts with their companies; the n-th is always the same person."""
    state.marketing.lists |= LISTS
    return [_person(state, start + one, owner) for one in range(number)]


def leads_of(state: State, contacts: list[Record]) -> list[Record]:
    """Make a new lead for each contact."""
    return [_lead(state, contact) for contact in contacts]


def _lead(state: State, contact: Record) -> Record:
    values = {
        "hs_lead_name": f"{contact.properties['firstname']} {contact.properties['lastname']}",
        "hs_lead_label": "WARM",
        "hs_lead_type": "NEW_BUSINESS",
        "hs_pipeline": "lead-pipeline-id",
        "hs_pipeline_stage": "new-stage-id",
        "hubspot_owner_id": contact.properties["hubspot_owner_id"],
        "hubspot_owner_assigneddate": iso(contact.created),
        "hs_primary_contact_id": contact.id,
        "hs_lead_is_open": "true",
    }
    lead = state.records.add(LEADS, values, author=SYSTEM, at=contact.created)
    state.associations.join(("leads", lead.id), ("contacts", contact.id), 578, 608)
    for company in state.associations.of("contacts", contact.id, "companies"):
        state.associations.join(("leads", lead.id), ("companies", company), 580, 610)
    return lead


def _person(state: State, number: int, owner: str) -> Record:
    at = state.clock.now() - timedelta(hours=6, minutes=number % 300)
    values = _who(number) | _came_by(number, at) | {"hubspot_owner_id": owner, "hs_lead_status": "NEW"}
    if "sales_score_total" in state.schemas["contacts"].properties:
        values |= _scores(number)
    contact = state.records.add(CONTACTS, values, author=SYSTEM, at=at)
    state.associations.join(("contacts", contact.id), ("companies", _company(state, number).id), 1, 279)
    _follow_marketing(state, contact, number, at)
    return contact


def _who(number: int) -> dict[str, str]:
    first, last = _FIRST[number % len(_FIRST)], _LAST[number % len(_LAST)]
    city, country, code, zone = _PLACES[number % len(_PLACES)]
    company = number // _PER_COMPANY
    return {
        "firstname": first,
        "lastname": last,
        "email": f"{first}.{last}.{number}@company{company}.example".lower(),
        "phone": f"+49 30 5550{number % 10_000:04d}",
        "jobtitle": _TITLES[number % len(_TITLES)],
        "company": f"Company {company}",
        "website": f"company{company}.example",
        "industry": "Manufacturing" if company % 2 else "Logistics",
        "numemployees": str(_SIZES[company % len(_SIZES)]),
        "city": city,
        "country": country,
        "hs_country_region_code": code,
        "hs_timezone": zone,
        "lifecyclestage": "marketingqualifiedlead",
    }


def _came_by(number: int, at: datetime) -> dict[str, str]:
    source, drilled, deeper, campaign = _SOURCES[number % len(_SOURCES)]
    form = _FORMS[number % len(_FORMS)]
    return {
        "hs_analytics_source": source,
        "hs_analytics_source_data_1": drilled,
        "hs_analytics_source_data_2": deeper,
        "hs_latest_source": source,
        "hs_latest_source_timestamp": iso(at - timedelta(hours=1)),
        "hs_analytics_first_url": "https://www.example.com/planning",
        "hs_analytics_last_url": "https://www.example.com/pricing",
        "hs_analytics_first_touch_converting_campaign": campaign,
        "recent_conversion_event_name": form,
        "recent_conversion_date": iso(at - timedelta(minutes=5)),
        "first_conversion_event_name": _FORMS[(number + 1) % len(_FORMS)],
        "first_conversion_date": iso(at - timedelta(days=12)),
        "num_conversion_events": "2",
        "num_unique_conversion_events": "2",
        "hs_analytics_num_page_views": str(3 + number % 20),
        "hs_analytics_num_visits": str(1 + number % 5),
        "hs_analytics_last_visit_timestamp": iso(at - timedelta(minutes=4)),
        "hs_email_open": str(number % 7),
        "hs_email_click": str(number % 3),
        "hs_email_last_email_name": "Newsletter, first of the month",
        "hs_email_last_open_date": iso(at - timedelta(days=2)),
        "hs_email_optout": "false",
        "hs_sequences_is_enrolled": "true" if number % 4 == 0 else "false",
        "hs_latest_sequence_enrolled": "88" if number % 4 == 0 else "",
        "hs_v2_date_entered_marketingqualifiedlead": iso(at),
    }


def _scores(number: int) -> dict[str, str]:
    fit, engagement = 10 + number * 7 % 40, 10 + number * 13 % 40
    tier = f"{'ABC'[fit * 3 // 51]}{engagement * 3 // 51 + 1}"
    return {
        "sales_score_total": str(fit + engagement),
        "sales_score_fit": str(fit),
        "sales_score_engagement": str(engagement),
        "sales_score_threshold": tier,
    }


def _company(state: State, number: int) -> Record:
    company = number // _PER_COMPANY
    known = state.records.of["companies"]
    wanted = str(COMPANIES.first_id + company)
    if wanted in known:
        return known[wanted]
    values = {
        "name": f"Company {company}",
        "domain": f"company{company}.example",
        "industry": "Manufacturing" if company % 2 else "Logistics",
        "numberofemployees": str(_SIZES[company % len(_SIZES)]),
    }
    return state.records.add(COMPANIES, values, at=state.clock.now() - timedelta(days=30))


def _follow_marketing(state: State, contact: Record, number: int, at: datetime) -> None:
    state.marketing.on_list[contact.id] = [("12" if number % 2 else "13", at - timedelta(days=3))]
    if number % 4 == 0:
        sequence = Enrolment(str(5_000 + number), "88", "Follow up: white paper", at - timedelta(days=1))
        state.marketing.enrolled[contact.id] = sequence
    if "sales_score_total" in contact.properties:
        _remember_scores(state, contact, at)


def _remember_scores(state: State, contact: Record, at: datetime) -> None:
    """Two events and a change of title lead to the total; for every third contact an older part is out of sight."""
    total = int(contact.properties["sales_score_total"])
    before = 10 if int(contact.id) % 3 == 0 else 0
    form, title = (total - before) // 2, (total - before) // 4
    visit = total - before - form - title
    heading = f"Submitted form: {contact.properties['recent_conversion_event_name']}"
    state.scoring.moved[contact.id, "sales_score_total"] = [
        Moved(at - timedelta(days=12), visit, str(before + visit), "Viewed page: Pricing"),
        Moved(at - timedelta(days=2), title, str(before + visit + title),
              properties={"jobtitle": ("", contact.properties["jobtitle"])}, lists=(12,)),
        Moved(at - timedelta(minutes=5), form, str(total), heading),
    ]  # fmt: skip
