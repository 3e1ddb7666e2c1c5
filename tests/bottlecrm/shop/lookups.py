"""The tables that come with every list: statuses, sources, countries, industries. The last two are shortened."""

from __future__ import annotations

STATUSES = (
    ("assigned", "Assigned"),
    ("in process", "In Process"),
    ("converted", "Converted"),
    ("recycled", "Recycled"),
    ("closed", "Closed"),
)
SOURCES = (
    ("call", "Call"),
    ("email", "Email"),
    ("existing customer", "Existing Customer"),
    ("partner", "Partner"),
    ("public relations", "Public Relations"),
    ("campaign", "Campaign"),
    ("other", "Other"),
)
OWN_SOURCES = ("web form", "linkedin ads", "referral", "walk-in")
"""Sources of the organisation that the table of the list does not name."""
COUNTRIES = (
    ("GB", "United Kingdom"),
    ("AT", "Austria"),
    ("CH", "Switzerland"),
    ("DE", "Germany"),
    ("ES", "Spain"),
    ("FR", "France"),
    ("IN", "India"),
    ("IT", "Italy"),
    ("JP", "Japan"),
    ("NL", "Netherlands"),
    ("US", "United States"),
)
INDUSTRIES = tuple(
    (one, one) for one in ("ADVERTISING", "BANKING", "EDUCATION", "FINANCE", "MANUFACTURING", "SOFTWARE")
)
RATINGS = ("HOT", "WARM", "COLD")
CURRENCIES = ("USD", "EUR", "GBP", "INR", "CAD", "AUD")
