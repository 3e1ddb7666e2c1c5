"""Whether two leads are one person: what of name, company, e-mail and phone agrees, and how sure that makes.

Owns how these are compared; texts may be anything. Never says that two people of one family are the same:
a name that contradicts leaves only a mailbox of one's own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from msgspec import Struct

from triage.domain.identity import has_ideographs, mailbox, name_parts, number, plain_company
from triage.domain.lead import IN_WORK, Lead
from triage.domain.outline import AnyLead

LIKELY = 0.8
"""From this confidence on, two leads are told to be the same person."""
_MAIL, _PHONE, _COMPANY = 0.9, 0.9, 0.85
"""How sure each makes that two of one name are one person."""
_OWN_MAILBOX = 0.85
"""How sure a mailbox of one's own makes, whatever the names: people marry, and type other people's names."""
_UNKNOWN_NAME = 0.5
_NAME_COUNTS = 1.34
"""How fast it gets less likely as names differ: for Jon and John a company is not enough, a number too is."""
_TWO_ACCOUNTS = 0.8
"""What companies of one name count that the CRM keeps apart."""
_SURE = 0.99
_WHOLE = 0.995
_ALIKE, _COMPANIES_ALIKE = 0.85, 0.88
"""From here on, two words of a name or two companies are alike: Jon and John are, Maria and Mario not."""
_INITIAL, _MIDDLE_NAME, _ONE_WORD, _ONE_OF_TWO = 0.91, 0.98, 0.7, 0.5
_LEAST_FUZZY = 3
_LONGEST_PREFIX = 3
"""Digits of a country's code."""
_LEAST_NATIONAL = 8


class Card(Struct, frozen=True):
    """A lead, as far as it says who somebody is, in the form in which that is compared."""

    lead_id: str
    called: str = ""
    """The name as the CRM has it."""
    words: tuple[str, ...] = ()
    """Of the name, sorted."""
    joined: str = ""
    """The name in its own order, without blanks."""
    initials: frozenset[str] = frozenset()
    company: str = ""
    domain: str = ""
    """Of a company; empty for a free mailbox."""
    mailbox: str = ""
    """A person's own; empty for one that many read."""
    phone: str | None = ""
    """Digits; None where nobody has looked yet."""
    account_id: str = ""
    rank: tuple[bool, float, str] = (True, 0.0, "")
    """Of two cards the lesser one is the original: the lead in work, else the older one."""
    told: str = ""
    """The lead that it is a duplicate of by the CRM's own word."""
    found: str = ""
    """The one that it was found here to be a duplicate of."""

    @classmethod
    def of(cls, lead: AnyLead) -> Card:
        """Return what a lead says about who it is; the phone stays open where only an outline is known."""
        name, words = name_parts(lead.name)
        own, domain = mailbox(lead.email)
        created = lead.created_at.timestamp() if lead.created_at else float("inf")
        twin = lead.account.duplicate_of
        return cls(
            lead_id=lead.lead_id,
            called=lead.name,
            words=words,
            joined=name,
            initials=frozenset([word[0] for word in words]),
            company=plain_company(lead.company),
            domain=domain,
            mailbox=own,
            phone=number(lead.phone) if isinstance(lead, Lead) else None,
            account_id=lead.account.account_id,
            rank=(lead.status not in IN_WORK, created, lead.lead_id),
            told=twin.lead_id if twin is not None and not twin.found_here else "",
            found=twin.lead_id if twin is not None and twin.found_here else "",
        )


class Likeness(Struct, frozen=True):
    """How much two leads agree: each part from 0 to 1; a name that is not known is None."""

    name: float | None = None
    mailbox: float = 0.0
    phone: float = 0.0
    company: float = 0.0
    apart: bool = False
    """Whether the CRM keeps their companies as two accounts, and no domain says otherwise."""
    itself: bool = False

    @property
    def confidence(self) -> float:
        """How sure it is that they are one person, from 0 to 1."""
        if self.itself:
            return 1.0
        name = _UNKNOWN_NAME if self.name is None else self.name
        company = _COMPANY * self.company * (_TWO_ACCOUNTS if self.apart else 1.0)
        against = (1 - _MAIL * self.mailbox) * (1 - _PHONE * self.phone) * (1 - company)
        alike: float = name**_NAME_COUNTS
        return min(max(alike * (1 - against), _OWN_MAILBOX * self.mailbox), _SURE)

    @property
    def match(self) -> str:
        """Return what agrees: "same e-mail, name 96 %, same phone"."""
        if self.itself:
            return "the same lead"
        name = "other name" if self.name == 0 else _share("name", self.name or 0)
        parts = (
            _share("e-mail", self.mailbox),
            _share("phone", self.phone),
            name,
            _share("company", self.company),
        )
        return ", ".join(part for part in parts if part)


def may_be_one(one: Card, other: Card) -> bool:
    """Whether it is worth comparing two leads: quick, and never False for two that are likely one person."""
    if one.mailbox and one.mailbox == other.mailbox:
        return True
    mine, theirs = one.initials, other.initials
    return bool(mine and theirs) and (mine <= theirs or theirs <= mine)


def likeness(one: Card, other: Card) -> Likeness:
    """Compare two leads; the order does not matter."""
    if one.lead_id and one.lead_id == other.lead_id:
        return Likeness(itself=True)
    same_domain = bool(one.domain) and one.domain == other.domain
    return Likeness(
        name=_name(one, other),
        mailbox=float(bool(one.mailbox) and one.mailbox == other.mailbox),
        phone=float(same_number(one.phone or "", other.phone or "")),
        company=1.0 if same_domain else _companies(one.company, other.company),
        apart=not same_domain
        and bool(one.account_id and other.account_id)
        and one.account_id != other.account_id,
    )


def same_number(one: str, other: str) -> bool:
    """Whether two numbers are one, written with a country's code or without."""
    if one == other:
        return bool(one)
    short, long = sorted((one, other), key=len)
    prefix = len(long) - len(short)
    return len(short) >= _LEAST_NATIONAL and prefix <= _LONGEST_PREFIX and prefix > 0 and long.endswith(short)


def _share(what: str, agreement: float) -> str:
    if agreement >= _WHOLE:
        return f"same {what}"
    return f"{what} {agreement:.0%}".replace("%", " %") if agreement > 0 else ""


def _name(one: Card, other: Card) -> float | None:
    """Return how much of two names agrees: as much as the word of the shorter one that agrees least."""
    if not one.words or not other.words:
        return None
    short, long = sorted((one.words, other.words), key=len)
    if short == long or one.joined == other.joined:
        return 1.0 if len(long) > 1 or has_ideographs(one.joined) else _ONE_WORD
    if len(short) == 1 < len(long):
        return _ONE_OF_TWO if short[0] in long else 0.0
    if len(short) < len(long):
        return _MIDDLE_NAME * _least(short, long)
    return min(_least(short, long), _least(long, short))


def _least(words: tuple[str, ...], others: tuple[str, ...]) -> float:
    """Return how well the word fares that finds the worst partner; initials alone are not enough."""
    found = [_best(word, others) for word in words]
    least = min(found)
    return min(least, _ONE_OF_TWO) if max(found) <= _INITIAL else least


def _best(word: str, others: tuple[str, ...]) -> float:
    return 1.0 if word in others else max([_alike(word, other) for other in others])


def _alike(one: str, other: str) -> float:
    if one[0] != other[0] or has_ideographs(one + other):
        return 0.0  # where a character is a word, one more or less is another name
    if len(one) == 1 or len(other) == 1:
        return _INITIAL
    if min(len(one), len(other)) < _LEAST_FUZZY:
        return 0.0
    found = _ratio()(one, other) / 100
    return found if found >= _ALIKE else 0.0


def _companies(one: str, other: str) -> float:
    if one == other:
        return float(bool(one))
    if not one or not other or has_ideographs(one + other):
        return 0.0
    found = _ratio()(one, other) / 100
    return found if found >= _COMPANIES_ALIKE else 0.0


@cache
def _ratio() -> Callable[[str, str], float]:
    """Return the share of characters that two texts have in common, in order, out of 100."""
    from rapidfuzz.fuzz import ratio  # noqa: PLC0415 - 25 ms that no start waits for

    return ratio
