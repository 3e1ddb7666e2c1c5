"""The invented companies and the jobs in them. Data, and the one function that draws a company."""

from __future__ import annotations

import random
import re
import unicodedata

from msgspec import Struct

from triage.embedded.agreement import ICP_INDUSTRIES

_FIRST = (
    "Alder",
    "Bexley",
    "Corvin",
    "Dornhof",
    "Elmsbrook",
    "Fenwick",
    "Grauwald",
    "Halden",
    "Isarstein",
    "Jutland",
    "Kestrel",
    "Lindau",
    "Morrow",
    "Nordkap",
    "Oakhurst",
    "Pelham",
    "Quarry",
    "Rautio",
    "Silberbach",
    "Tarn",
    "Uhlen",
    "Varga",
    "Westmark",
    "Ybbs",
    "Zandvoort",
)
_SECOND = {
    "Machinery": ("Maschinenbau", "Machine Works", "Drives"),
    "Food and beverage": ("Foods", "Dairy", "Beverages"),
    "Chemicals": ("Chemicals", "Coatings", "Polymers"),
    "Automotive supply": ("Automotive", "Castings", "Seating"),
    "Packaging": ("Packaging", "Carton", "Glassworks"),
    "Logistics": ("Logistics", "Freight", "Cold Chain"),
    "Medical devices": ("Medical", "Instruments", "Implants"),
    "Building materials": ("Ceramics", "Timber", "Concrete"),
    "Energy equipment": ("Turbines", "Power Systems", "Switchgear"),
    "Software": ("Software", "Apps", "Data"),
    "Consulting": ("Consulting", "Advisory", "Partners"),
    "Education": ("University", "Institute of Technology", "Polytechnic"),
    "Retail": ("Stores", "Outlets", "Retail"),
}
_OTHER_INDUSTRIES = ("Software", "Retail")
_SHARE_OF_ICP = 0.85
_SIZES = (18, 35, 60, 85, 120, 160, 240, 310, 420, 650, 900, 1400, 2600, 5200)

TITLES = {
    "c-level": ("Chief Operating Officer", "Managing Director", "Chief Information Officer"),
    "vp": ("VP Operations", "VP Supply Chain", "VP Manufacturing"),
    "director": ("Plant Director", "Head of Production", "Director of Manufacturing", "Head of Maintenance"),
    "manager": (
        "Plant Manager",
        "Production Manager",
        "Maintenance Manager",
        "Quality Manager",
        "Shift Operations Manager",
        "Continuous Improvement Manager",
    ),
    "individual": ("Process Engineer", "Production Planner", "Controls Engineer", "Operations Analyst"),
    "student": ("Student, Industrial Engineering", "Doctoral student", "Working student"),
}
LEVEL_WEIGHTS = {"c-level": 1, "vp": 2, "director": 4, "manager": 6, "individual": 2}
CONSULTANT_TITLES = (
    "Interim VP Operations (consultant)",
    "VP-level Advisor, Operations",
    "Fractional VP Manufacturing",
)


class Company(Struct, frozen=True):
    """Who a lead works for."""

    account_id: str
    name: str
    domain: str
    industry: str
    employees: int


def draw_company(random_: random.Random, number: int, industry: str | None = None) -> Company:
    """Return an invented company on a reserved domain; its number keeps two of one name apart."""
    kind = industry or (
        random_.choice(ICP_INDUSTRIES)
        if random_.random() < _SHARE_OF_ICP
        else random_.choice(_OTHER_INDUSTRIES)
    )
    name = f"{random_.choice(_FIRST)} {random_.choice(_SECOND[kind])}"
    return Company(f"ACC-{number:05d}", name, f"{slug(name)}-{number}.example", kind, random_.choice(_SIZES))


def slug(text: str) -> str:
    """Return the text as it may stand in an address: plain lower-case letters, digits and dots."""
    plain = (
        unicodedata.normalize("NFKD", text.replace("ł", "l").replace("Ł", "L"))
        .encode("ascii", "ignore")
        .decode()
    )
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "someone"
