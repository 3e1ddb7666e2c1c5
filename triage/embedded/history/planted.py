"""What is hidden in the history for feedback and calibration to find. Data only: names, weeks, shares."""

from __future__ import annotations

from triage.embedded.agreement import THRESHOLD
from triage.embedded.campaigns import Asset, Campaign

DISPUTED_PART = "role and level"
"""The part of the score that takes consultants for vice presidents."""

LOWERED_IN_WEEK = 6
"""From this cohort on, someone of marketing had lowered the threshold alone."""
LOWERED_BY = 15
LOWERED_THRESHOLD = THRESHOLD - LOWERED_BY

NEW_SERIES_FROM_WEEK = 8
NEW_SERIES = Campaign(
    "EMEA-WBN-factory-trends",
    "Webinar series “Factory trends”",
    "What will move factories next year, in three lunch breaks",
    "webinar",
    "webinar",
    Asset(
        "Factory trends, in three lunch breaks",
        "webinar recording",
        "A view of the market, not of their plant; ask what made them listen.",
        ("Which of the trends touches your plant?", "Who asked you to listen?"),
    ),
    4,
)

SLOW_SOURCE = "event"
"""From a decision to an opportunity its leads take twice as long as the others."""
SLOWER_BY = 2.2

LAZY_REP = "U-08"
"""Rejects under the default code, and within two seconds."""

BULK_REP, BULK_WEEK, BULK_SIZE, BULK_SOURCE = "U-04", 9, 22, "outbound-list"
"""A list of people who never asked for anything, rejected in one act."""

COMPETITOR = "Takt & Tally"
"""Named in most objections about a competitor, over many accounts."""

TOPIC = "Working offline on the shop floor"
"""What one rep after the other asks marketing to write about."""

DELIVERED_TOPIC = "A reference from a food plant"
"""Asked for early on, and delivered since."""
