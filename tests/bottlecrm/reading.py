"""The reading of an account as tests hold it: on a shop, without what writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tests.bottlecrm.shop import Shop
from tests.tempo import FastTempo
from triage.clock import Clock, utc_now
from triage.crm.bottlecrm.account import Account
from triage.crm.bottlecrm.api import Api
from triage.crm.bottlecrm.reading.fetching import Fetching
from triage.crm.bottlecrm.reading.leads import Reader
from triage.crm.bottlecrm.statuses import Statuses
from triage.crm.dialect import Dialect
from triage.crm.port import LeadPage
from triage.domain.lead import Lead
from triage.domain.people import Rep

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
ME = "6d867175-c8f8-4ed2-afb6-7d0084408fce"
ANOTHER = "149907bd-4bf8-4cea-b7e3-323a2a4e87b1"
LEAD = "f6919b40-0000-4000-8000-000000000001"


def api_on(url: str, shop: Shop, token: str = "", **options: Any) -> Api:
    return Api(url, token or shop.token, **{"tempo": FastTempo(), **options})


def fetching_on(api: Api, clock: Clock = utc_now, **options: Any) -> Fetching:
    return Fetching(api, Account(api, **options), clock)


async def fetched(fetching: Fetching, cursor: str | None = None) -> list[LeadPage]:
    return [page async for page in fetching.pages(cursor)]


def leads_in(pages: Sequence[LeadPage]) -> dict[str, Lead]:
    return {lead.lead_id: lead for page in pages for lead in page.leads}


def gone_in(pages: Sequence[LeadPage]) -> list[str]:
    return [lead_id for page in pages for lead_id in page.gone]


def profile(user_id: str = ME, name: str = "rep") -> dict[str, Any]:
    """Return one entry of `assigned_to`."""
    return {"id": user_id, "user_details": {"email": f"{name}@acme.test", "name": name, "last_login": None}}


def row(**values: Any) -> dict[str, Any]:
    """Return a row as the contract page shows it, with other values where given."""
    return {
        "id": LEAD,
        "title": "Northwind webinar #00003",
        "first_name": "Linus",
        "last_name": "Backus",
        "email": "linus.backus.3@northwind.example",
        "phone": "+1 555-555-0103",
        "job_title": "VP Sales",
        "website": "https://northwind.example",
        "linkedin_url": None,
        "status": "assigned",
        "source": "call",
        "source_detail": "",
        "rating": "COLD",
        "opportunity_amount": "18455.00",
        "currency": "USD",
        "probability": 23,
        "close_date": "2026-12-24",
        "city": "Berlin",
        "country": "DE",
        "assigned_to": [profile()],
        "last_contacted": None,
        "next_follow_up": None,
        "description": "Downloaded the ROI guide, lead score 53.\nAsked twice.",
        "tags": [{"id": "64be8cd2", "name": "webinar"}],
        "created_by": {"id": "1", "email": "marketer@acme.test", "name": "marketer"},
        "created_at": "2026-11-21T20:28:21.924447Z",
        "updated_at": "2026-11-21T20:28:21.924468Z",
        "company_name": "Northwind Inc",
        "custom_fields": {},
        "external_source": "",
        "last_enquiry_at": None,
        "first_response_at": None,
        "last_outbound_at": None,
        **values,
    }


def read(given: dict[str, Any], dialect: Dialect | None = None, unread: Counter[str] | None = None) -> Lead:
    """Return the lead of a row."""
    lead = reader(dialect).read(given, Counter() if unread is None else unread)
    assert lead is not None
    return lead


def reader(dialect: Dialect | None = None) -> Reader:
    return Reader(Rep(ME, "rep"), Statuses(dialect or Dialect()), NOW)
