"""Marketing's campaigns and assets: what people were promised, and what a rep can say about it. Data only."""

from __future__ import annotations

from msgspec import Struct


class Asset(Struct, frozen=True):
    """Something a lead has read or seen."""

    title: str
    kind: str
    pitch: str
    questions: tuple[str, ...]
    template: str | None = None


class Campaign(Struct, frozen=True):
    """Where a lead came from; `code` is the end of its tracked name, `weight` how often it is drawn."""

    code: str
    label: str
    promise: str
    source: str
    channel: str
    asset: Asset
    weight: int = 2


_MAIL = (
    "Hello {first_name},\n\nyou looked at “%s”. Plants like {company} usually ask first how long it "
    "takes until the first line is live: about six weeks.\n\nWould 20 minutes this week help?\n\n{rep}"
)

SPREADSHEETS = Asset(
    "Plant operations without spreadsheets",
    "webinar recording",
    "Three plants show the day they switched their shift book off paper; the numbers are theirs, not ours.",
    (
        "Which of your spreadsheets would hurt most to lose?",
        "Who types the shift report, and when?",
        "What happened the last time a handover went wrong?",
    ),
    _MAIL % "Plant operations without spreadsheets",
)
DOWNTIME = Asset(
    "The cost of an hour: downtime calculator",
    "calculator",
    "Their own number for an hour of standstill, in money. They typed it in themselves.",
    (
        "How did you arrive at your hourly cost?",
        "Which line stands still most often?",
        "Who sees that number today?",
    ),
    _MAIL % "The cost of an hour",
)
BUYERS_GUIDE = Asset(
    "Buyer's guide: manufacturing execution in mid-sized plants",
    "guide",
    "A checklist of 24 questions for any vendor. Offer to answer the three they care about.",
    ("Which three of the 24 questions matter to you?", "Who else in your company reads the guide?"),
    _MAIL % "Buyer's guide",
)
ENERGY = Asset(
    "Energy per unit: a field report",
    "report",
    "A food plant cut energy per unit by 11 % by seeing it per shift.",
    ("Do you know your energy per unit?", "Is there a target from the board?"),
)
TRACEABILITY = Asset(
    "Traceability in two clicks",
    "on-demand demo",
    "Seven minutes: from a customer's complaint to the batch, machine and shift.",
    ("How long did your last trace take?", "When is the next audit?"),
    _MAIL % "Traceability in two clicks",
)
MAINTENANCE = Asset(
    "Maintenance planning template",
    "template",
    "They plan by hand today; the template is the first sheet of what we automate.",
    ("How many work orders a week?", "What breaks without warning?"),
)
FAIR = Asset(
    "The live line, step by step",
    "leaflet",
    "They stood at the live line and saw a stop being explained within a minute.",
    ("Which stop did we show you?", "Whom should we invite to a visit?"),
)
REFERENCE = Asset(
    "A day at a reference plant",
    "report",
    "A customer of ours speaks for us; nothing is sold on that day.",
    ("What would you want to ask another plant manager?",),
)

CAMPAIGNS = (
    Campaign(
        "EMEA-WBN-plant-ops",
        "Webinar “Plant operations without spreadsheets”",
        "See how three plants replaced their shift spreadsheets in six weeks",
        "webinar",
        "webinar",
        SPREADSHEETS,
        5,
    ),
    Campaign(
        "DACH-WBN-traceability",
        "Webinar “Traceability in two clicks”",
        "Trace a batch live, from complaint to machine",
        "webinar",
        "webinar",
        TRACEABILITY,
        3,
    ),
    Campaign(
        "EMEA-WBN-energy",
        "Webinar “Energy per unit”",
        "Find out what one unit costs you in energy, per shift",
        "webinar",
        "webinar",
        ENERGY,
    ),
    Campaign(
        "EMEA-CNT-buyers-guide",
        "Buyer's guide: manufacturing execution",
        "24 questions to ask any vendor, us included",
        "content",
        "website",
        BUYERS_GUIDE,
        4,
    ),
    Campaign(
        "EMEA-CNT-downtime-calc",
        "Downtime calculator",
        "Know in two minutes what an hour of standstill costs",
        "content",
        "website",
        DOWNTIME,
        3,
    ),
    Campaign(
        "DACH-CNT-maintenance",
        "Maintenance planning template",
        "A free template, no sales call",
        "content",
        "website",
        MAINTENANCE,
    ),
    Campaign(
        "EMEA-SEM-mes-software",
        "Search ads “MES software”",
        "Compare plans and prices without talking to anyone",
        "paid-search",
        "search",
        BUYERS_GUIDE,
        3,
    ),
    Campaign(
        "EMEA-SEM-shift-book",
        "Search ads “digital shift book”",
        "Try the digital shift book with your own data",
        "paid-search",
        "search",
        SPREADSHEETS,
    ),
    Campaign(
        "EMEA-SOC-plant-voices",
        "Social series “Voices from the plant”",
        "Short films by plant people, for plant people",
        "paid-social",
        "social",
        ENERGY,
    ),
    Campaign(
        "DACH-SOC-careers-adjacent",
        "Social ads “The modern plant”",
        "How a modern plant works",
        "paid-social",
        "social",
        MAINTENANCE,
    ),
    Campaign(
        "DACH-EVT-line-fair",
        "Trade fair, live line",
        "See a stop explained within a minute",
        "event",
        "event",
        FAIR,
        3,
    ),
    Campaign(
        "EMEA-REF-customer-day",
        "Customer day: bring a colleague",
        "Visit a plant that works with us",
        "referral",
        "referral",
        REFERENCE,
        1,
    ),
    Campaign(
        "EMEA-OUT-list-q4",
        "Bought list, fourth quarter",
        "A short survey on plant digitisation, with a book as thanks",
        "outbound-list",
        "email",
        BUYERS_GUIDE,
        1,
    ),
    Campaign(
        "WEB-DEMO",
        "Demo request on the website",
        "A demo with your own process, within one working day",
        "demo-request",
        "website",
        TRACEABILITY,
        4,
    ),
)

OWNERS = {
    "webinar": "Noor Haddad",
    "content": "Elias Brandt",
    "paid-search": "Mei Tanaka",
    "paid-social": "Mei Tanaka",
    "event": "Oksana Reyes",
    "referral": "Oksana Reyes",
    "outbound-list": "Elias Brandt",
    "demo-request": "Noor Haddad",
}
"""Who of marketing answers for the campaigns of a source."""

PROGRAMMES = (
    (
        "Plant digitisation basics",
        ("Why paper fails at night", "Six weeks to the first line", "Questions for IT"),
    ),
    ("Downtime series", ("The stop nobody logs", "What an hour costs", "Where to begin")),
    ("Audit season", ("Trace a batch", "What auditors ask", "A plant that passed")),
)
