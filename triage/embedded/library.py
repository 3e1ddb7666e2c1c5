"""What marketing has to give to leads: the campaigns' own assets, and a few without a campaign. Data only."""

from __future__ import annotations

from triage.embedded import campaigns
from triage.embedded.campaigns import Asset
from triage.embedded.companies import slug
from triage.embedded.database import Json

BASE = "https://assets.plainfield.example"

_SECURITY = Asset(
    "Security and data protection, answered",
    "questionnaire",
    "Forty questions that IT departments ask, with our answers; ready to be forwarded.",
    ("Who in IT has to agree?", "Where may your data lie?"),
)
_PRICES = Asset(
    "What it costs: three plants, three invoices",
    "price guide",
    "Real invoices of three plants, line by line, with what was left out.",
    ("Which budget would it come from?",),
)

_SHELF: tuple[tuple[Asset, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        campaigns.SPREADSHEETS,
        ("spreadsheets", "shift book", "handover"),
        ("plant manager", "operations"),
    ),
    (campaigns.DOWNTIME, ("downtime", "standstill", "return on investment"), ("operations", "production")),
    (campaigns.BUYERS_GUIDE, ("vendor comparison", "manufacturing execution"), ("director", "manager")),
    (campaigns.ENERGY, ("energy", "Food and beverage", "sustainability"), ("plant manager",)),
    (campaigns.TRACEABILITY, ("traceability", "audit", "batch"), ("quality", "operations")),
    (campaigns.MAINTENANCE, ("maintenance", "work orders", "planning"), ("maintenance",)),
    (campaigns.FAIR, ("live line", "stops"), ("production",)),
    (campaigns.REFERENCE, ("reference", "customer story"), ("director", "plant manager")),
    (_SECURITY, ("security", "data protection", "hosting"), ("it",)),
    (_PRICES, ("price", "cost", "budget"), ("director", "vp")),
)
"""Each asset with what it is about and for whom."""


def assets() -> Json:
    """Return the assets as the contract shows them."""
    return {"items": [_wire(*row) for row in _SHELF]}


def _wire(asset: Asset, topics: tuple[str, ...], personas: tuple[str, ...]) -> Json:
    name = slug(asset.title)
    return {
        "asset_id": f"A-{name}",
        "title": asset.title,
        "kind": asset.kind,
        "topics": list(topics),
        "personas": list(personas),
        "url": f"{BASE}/{name}",
        "pitch": asset.pitch,
        "template": asset.template,
    }
