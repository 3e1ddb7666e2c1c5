"""What reps and marketing wrote. Data only: all invented."""

from __future__ import annotations

from triage.embedded.history.planted import COMPETITOR, DELIVERED_TOPIC, TOPIC

CONSULTANT_COMMENTS = (
    "A consultant between two projects, not a VP.",
    "Advises plants, buys nothing. The title scores like a VP's.",
    "Freelance. The “VP” in the title is a self-description.",
)
WEAK_COMMENTS = (
    "One download, nothing since.",
    "Two page views are not intent.",
    "Read a blog post and left.",
)
OBJECTIONS: dict[str, tuple[str, ...]] = {
    "price": (
        "The licence per line is more than we pay for the whole plant today.",
        "Too dear for two lines.",
    ),
    "timing": ("Not before the shutdown in summer.", "Our ERP project comes first."),
    "competitor": (
        f"{COMPETITOR} shows us the same for half the effort.",
        f"We have had {COMPETITOR} on the line since spring.",
        f"Our group has a contract with {COMPETITOR}.",
    ),
    "missing_feature": ("It has to work when the network in the hall is down.", "No recipe management."),
    "trust_risk": ("Where does our data lie?", "IT will not let a cloud into the plant network."),
    "authority": ("Head office decides on software.", "I would have to convince three plants."),
    "status_quo": ("The spreadsheets work.", "The shift leaders like their paper."),
}
OBJECTION_WEIGHTS = {
    "price": 20,
    "timing": 17,
    "competitor": 34,
    "missing_feature": 10,
    "trust_risk": 8,
    "authority": 5,
    "status_quo": 6,
}
OTHER_COMPETITORS = ("Nordwerk Cockpit", "Shiftpilot")
SHARE_OF_THE_COMPETITOR = 0.85
QUESTIONS = (
    "How long does it take until the first line is live?",
    "Does it speak to our old controllers?",
    "Can the works council see who typed what?",
    "What does a second plant cost?",
)
TOPICS: dict[str, tuple[int, str, str]] = {
    TOPIC: (14, "technical brief", "plant manager"),
    "Business case for a single line": (3, "calculator", "director"),
    "What the works council asks": (2, "questionnaire", "manager"),
    DELIVERED_TOPIC: (2, "case study", "director"),
}
"""How often each is asked for, what kind of asset, for whom."""
EXPECTED = {
    "paid-search": "Expected a price list, found a form.",
    "paid-social": "Took it for a job advert.",
    "outbound-list": "Wanted the book that the survey promised.",
    "webinar": "Expected a talk about their own plant, not about trends.",
}
KUDOS = (
    "The moment in the brief opened the call.",
    "Best lead in weeks: asked for exactly what we do.",
    "The calculator number did the talking.",
)
NOTES = (
    "Prefers to be called before the early shift ends.",
    "Knows our customer in the next village.",
    "Leaves for parental leave in spring; the deputy decides.",
)
WIN_REASONS = (
    "Live on the first line within six weeks, as the webinar promised.",
    "The traceability demo with their own batch numbers.",
    "The reference visit: a plant manager who spoke for us.",
    "Their own downtime number from the calculator.",
)
PROPOSALS = (
    ("industry", "Count equipment rental as industry that moves goods."),
    ("recent_intent", "Three intent actions instead of two for paid social."),
    ("level", "Let lead engineers with a budget pass."),
)

REPLIES: dict[str, tuple[str, ...]] = {
    "acknowledged": ("Thanks, noted for the next scoring round.", "Seen. We collect these until Friday."),
    "need_info": ("Which of the two addresses bounced?", "What did they expect to find instead?"),
    "planned": ("On the list for next month.", "In the plan for the coming quarter."),
    "changed": (
        "Changed: titles with “consultant” or “interim” score as individual.",
        "Corrected in all lists.",
    ),
    "delivered": ("It is on the shelf now.", "Here it is; tell us whether it helps."),
    "no_change": (
        "One case so far; we look again at ten.",
        "The points stay: accounts of this size do buy, only later.",
    ),
    "returned": ("They answered the mail an hour ago; please look again.",),
    "overturned": ("The registry says 240 employees: inside the ICP. Please take it.",),
    "upheld": ("Agreed, should not have come.", "Right. Taken out of the programme."),
}
