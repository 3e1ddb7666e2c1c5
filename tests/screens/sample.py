"""Invented leads on reserved domains: believable ones, awkward ones, and text that attacks a terminal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from triage.domain.account import Account, DuplicateMatch, Sibling
from triage.domain.lead import Lead, LeadId, LeadStatus, Mql, Owner, Recycle
from triage.domain.review import SourceStatistics
from triage.domain.score import Contribution, Dimension, Score
from triage.domain.touch import Asset, Campaign, Nurture, Touch

NOW = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)
ME = Owner("rep-1", "Robin Example")

FIRST = [
    "Ada",
    "Bruno",
    "Chiara",
    "Dmitri",
    "Elif",
    "Farid",
    "Grace",
    "Hugo",
    "Ines",
    "Jonas",
    "Kavya",
    "Lars",
    "Mina",
    "Noor",
    "Otto",
    "Priya",
]
LAST = [
    "Park",
    "Lindqvist",
    "Moreau",
    "Okafor",
    "Tanaka",
    "Weber",
    "Santos",
    "Novak",
    "Rossi",
    "Haddad",
    "Keller",
    "Iyer",
    "Berg",
    "Duarte",
]
TITLES = (
    "VP Operations", "Head of Logistics", "Plant Manager", "Consultant", "CTO", "Warehouse Lead",
    "Operations Director", "Procurement Analyst",
)  # fmt: skip
COMPANIES = (
    "Northwind Robotics", "Harbor Foods", "Alder Medical", "Kestrel Parts", "Bluebird Logistics",
    "Juniper Textiles", "Granite Tooling",
)  # fmt: skip
SOURCES = ("webinar", "content", "paid-search", "demo-request", "event")
PLACES = (
    ("Berlin", "DE", "Europe/Berlin"), ("Lyon", "FR", "Europe/Paris"), ("Austin", "US", "America/Chicago"),
    ("Osaka", "JP", "Asia/Tokyo"), ("Malmö", "SE", "Europe/Stockholm"),
)  # fmt: skip

HOSTILE = (
    "[bold red]x[/]", "[@click=app.quit]press me[/]", "x[/foo]y", "\x1b[31mred", "\x1b]52;c;aGk=\x07",
    "\x9b31m", "half \ud800 pair", "山田太郎株式会社製作所東京本社営業部第一課", "مرحبا شركة الاختبار", "a\u202eb\u2066c",
    "N" * 300, "👨\u200d👩\u200d👧 family", "e" + "\u0301" * 40, "two\nlines\r\nand\ttab", "\x05\x1b[21t",
    "mail [at] example [dot] com", "C:\\[path]\\",
)  # fmt: skip


def score(total: float = 72, *, base: float = 10, residual: float = 0) -> Score:
    """Return a score of six contributions that adds up, unless a residual is asked for."""
    parts = [
        Contribution(
            "demo request form", Dimension.ENGAGEMENT, 22, 22, "“call me this week”", NOW - timedelta(hours=2)
        ),
        Contribution("VP or C-level", Dimension.FIT, 15, 15, "title: VP Operations"),
        Contribution(
            "pricing page", Dimension.ENGAGEMENT, 20, 12, "3 visits", NOW - timedelta(days=1), group="web"
        ),
        Contribution("free mail address", Dimension.FIT, -8, -8, "example.com"),
        Contribution("company 50+ people", Dimension.FIT, 10, 10, "240 people"),
    ]
    rest = total - base - sum(part.points_applied for part in parts) - residual
    parts.append(
        Contribution(
            "webinar attended", Dimension.ENGAGEMENT, rest, rest, "41 minutes", NOW - timedelta(days=9)
        )
    )
    return Score(
        score=total, base_points=base, contributions=tuple(parts), fit=61, engagement=80, fit_grade="A",
        engagement_grade="1", band="A" if total >= 70 else "B" if total >= 50 else "C", trend=8,
        model_version="m7", scored_at=NOW - timedelta(hours=2),
    )  # fmt: skip


def rich_lead(lead_id: str = "L-0001") -> Lead:
    """Return a lead about which everything is known."""
    return Lead(
        lead_id=LeadId(lead_id), version="3", status=LeadStatus.ASSIGNED, owner=ME, name="Ada Park",
        title="VP Operations", company="Northwind Robotics", email="ada.park@northwind.example",
        phone="+49 30 5550 123", country="DE", city="Berlin", time_zone="Europe/Berlin",
        profile_url="https://profiles.example/in/adapark", industry="Manufacturing", employees=240,
        source="webinar",
        campaign=Campaign("2026Q4_WBN_EMEA_whs-auto_v3", "Spring webinar: automating the warehouse", "A plan in 30 minutes"),
        created_at=NOW - timedelta(days=12), event_at=NOW - timedelta(hours=2), assigned_at=NOW - timedelta(hours=2),
        contacted_at=None, contact_known=True, attempts=0, sla_due_at=NOW + timedelta(minutes=41),
        mql=Mql("hand_raise", "demo request"), score=score(),
        facts={"employees": 240, "industry": "Manufacturing", "title_level": "vp", "country": "DE", "intent_actions_30d": 1},
        touches=(
            Touch("t1", NOW - timedelta(days=12), "download", "organic", "Guide", "Picking guide", "awareness", "Downloaded the picking guide", ("first", "creating")),
            Touch("t2", NOW - timedelta(days=9), "webinar", "mail", "Webinar", "", "consideration", "Attended 41 minutes of the webinar"),
            Touch("t3", NOW - timedelta(hours=2), "form", "web", "Demo", "", "decision", "Asked for a demo on the pricing page", ("tipping", "last")),
        ),
        moment="Compared two plans twice today, then asked for a call",
        nurture=Nurture("Evaluate", 3, 5, "What a picking error costs", NOW + timedelta(days=1)),
        asset=Asset("ROI calculator", "tool", "Shows in two minutes what a picking error costs", ("What does a picking error cost you today?", "Who signs off on warehouse tools?")),
        account=Account("A-1", "Northwind Robotics", siblings=(Sibling("L-0009", "Hugo Berg"),), customer=True),
        recycles=(Recycle(NOW - timedelta(days=190), "BAD_TIMING", "Kim Weber", NOW, ("demo request", "new title")),),
        fetched_at=NOW - timedelta(minutes=2),
    )  # fmt: skip


def lead(number: int) -> Lead:
    """Return one of many believable leads."""
    first, last = FIRST[number % len(FIRST)], LAST[(number * 5 + number // 7) % len(LAST)]
    company = COMPANIES[(number * 3) % len(COMPANIES)]
    city, country, zone = PLACES[number % len(PLACES)]
    total = 38 + (number * 17) % 55
    source = SOURCES[number % len(SOURCES)]
    hours = (number * 7) % 90
    return Lead(
        lead_id=LeadId(f"L-{number:04d}"), version="1", status=LeadStatus.ASSIGNED, owner=ME, name=f"{first} {last}",
        title=TITLES[number % len(TITLES)], company=company,
        email=f"{first}.{last}@{company.split()[0].lower()}.example".lower(), phone=f"+49 30 5550 {number:03d}",
        country=country, city=city, time_zone=zone, source=source,
        campaign=Campaign(f"2026Q4_{source}_{number % 4}", f"Autumn {source} series", "Less waste"),
        created_at=NOW - timedelta(days=20), assigned_at=NOW - timedelta(hours=hours),
        event_at=NOW - timedelta(hours=hours), attempts=0, sla_due_at=NOW + timedelta(hours=24 - hours),
        mql=Mql("threshold", "score"), score=score(total),
        facts={"employees": 20 + number * 9, "industry": "food", "business_email": number % 2 == 0},
        moment="Opened the pricing mail twice" if number % 3 else "",
        account=Account(
            "A", company, customer=number % 11 == 0,
            duplicate_of=DuplicateMatch("L-9999", "A. Twin", "e-mail", 0.93) if number % 13 == 0 else None,
        ),
        fetched_at=NOW,
    )  # fmt: skip


def hostile_lead(number: int, text: str) -> Lead:
    """Return a lead that says `text` wherever it may say anything."""
    return Lead(
        lead_id=LeadId(f"H-{number:03d}"), status=LeadStatus.ASSIGNED, owner=ME, name=text, title=text, company=text,
        email=text, phone=text, country=text, city=text, time_zone=text, profile_url=text, industry=text,
        source=text, campaign=Campaign(text, text, text), assigned_at=NOW - timedelta(hours=1),
        sla_due_at=NOW + timedelta(hours=3), mql=Mql("hand_raise", text),
        score=Score(50, 10, (Contribution(text, None, 40, 40, text, NOW),), band=text, fit_grade=text, engagement_grade=text, model_version=text),
        facts={"industry": text}, touches=(Touch("t", NOW, text, text, text, text, text, text, ("tipping", text)),),
        moment=text, nurture=Nurture(text, 1, 2, text), asset=Asset(text, text, text, (text, text)),
        account=Account(text, text, open_opportunity=text, duplicate_of=DuplicateMatch(text, text, text, 0.5), siblings=(Sibling(text, text),)),
        recycles=(Recycle(NOW, text, text, None, (text,)),),
    )  # fmt: skip


STATISTICS = (
    SourceStatistics("webinar", 90, 20, 58),
    SourceStatistics("event", 90, 3, 7),
)


def passing_lead() -> Lead:
    """Return a lead on which every line of the shipped definition passes."""
    facts = {
        "employees": 500, "industry": "Logistics", "country": "DE", "title_level": "vp", "business_email": True,
        "intent_actions_30d": 9,
    }  # fmt: skip
    return replace(lead(2), lead_id=LeadId("P-0001"), name="Petra Passing", facts=facts)
