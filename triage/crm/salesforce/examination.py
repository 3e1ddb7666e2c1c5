"""What a doctor finds in an org: who, where, which mode, what is closed to us, what is left of the day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

from triage.crm.fields import Fields
from triage.crm.salesforce.account import WITHOUT, Account
from triage.crm.salesforce.api import BACKGROUND_SHARE, DATA, VERSION
from triage.crm.salesforce.metadata_setup import setup_plan
from triage.crm.setup import Check
from triage.errors import BadAnswer, CrmError, NotSignedIn, RateLimited
from triage.text import clean

_ORG = "SELECT Id, Name, IsSandbox, OrganizationType FROM Organization LIMIT 1"
_FEATURES = (
    ("Einstein lead score", "ScoreIntelligence", "leads come without Einstein's score"),
    ("Einstein predictions", "AIRecordInsight", "no reasons are given for a score"),
    ("Campaign members", "CampaignMember", "no campaign is shown beside a lead"),
    ("Lead history", "LeadHistory", "changes of status are not told"),
    ("Opportunities", "Opportunity", "what became of leads is not told"),
)
_PARDOT = "pi__score__c"


async def examine(account: Account) -> tuple[Check, ...]:
    """Return one line each; what cannot be found out is a line that says so."""
    parts: tuple[tuple[str, Callable[[Account], Awaitable[list[Check]]]], ...] = (
        ("Organisation", _organisation),
        ("User", _user),
        ("Decisions", _mode),
        ("Setup", _setup),
        ("Features", _features),
        ("API requests", _usage),
    )
    found: list[Check] = []
    for name, ask in parts:
        try:
            found += await ask(account)
        except (NotSignedIn, RateLimited):
            raise
        except CrmError as error:
            found.append(Check(name, ok=False, found=error.message, hint=error.hint))
    return tuple(found)


async def _organisation(account: Account) -> list[Check]:
    rep = await account.whoami()
    try:
        rows = await account.api.rows(_ORG)
    except BadAnswer:
        rows = []  # not everyone may ask for it
    fields = Fields(rows[0] if rows else {}, Counter())
    kind = "sandbox" if fields.flag("IsSandbox") else clean(fields.text("OrganizationType"), limit=60)
    said = " · ".join(part for part in (rep.account_id, clean(fields.text("Name"), limit=80), kind) if part)
    return [Check("Organisation", ok=True, found=f"{said} · API {VERSION}")]


async def _user(account: Account) -> list[Check]:
    rep = await account.whoami()
    return [Check("User", ok=True, found=f"{clean(rep.name, limit=80)} ({rep.user_id}), as {account.role}")]


async def _mode(account: Account) -> list[Check]:
    if account.object_name == WITHOUT:
        return [Check("Decisions", ok=True, found="kept as completed tasks, as the profile says")]
    if await account.decision_object() is not None:
        return [Check("Decisions", ok=True, found=f"kept in {account.object_name}")]
    hint = "An admin deploys the object and gives you its permission set: `triage setup` says how."
    found = f"kept as completed tasks: {account.object_name} is not there, or not for you"
    return [Check("Decisions", ok=False, found=found, hint=hint)]


async def _setup(account: Account) -> list[Check]:
    """Return what is not as it must be; one line where all is well."""
    plan = [step for step in await setup_plan(account) if step.state != "there" and step.kind != "object"]
    if not plan:
        return [Check("Fields", ok=True, found="all that triage reads and writes is there and open to you")]
    hint = "`triage setup` shows the whole plan."
    return [Check(step.name, ok=False, found=step.words, hint=hint) for step in plan]


async def _features(account: Account) -> list[Check]:
    lead = await account.lead()
    found = [
        _feature(name, without, has=await account.api.describe(sobject) is not None)
        for name, sobject, without in _FEATURES
    ]
    pardot = _feature("Account Engagement", "no Pardot score is shown", has=_PARDOT in lead.fields)
    return [*found, pardot]


def _feature(name: str, without: str, *, has: bool) -> Check:
    return Check(name, ok=True, found="there" if has else f"not there, or not for you: {without}")


async def _usage(account: Account) -> list[Check]:
    """Return how many requests of the organisation's day are left; reading stops before they are used up."""
    answer = await account.api.get(f"{DATA}/limits")
    daily = Fields(answer.body, Counter()).child("DailyApiRequests")
    most, left = (daily.whole("Max"), daily.whole("Remaining")) if daily else (None, None)
    if most is None or left is None or most <= 0:
        return [Check("API requests", ok=True, found="Salesforce does not say how many are left")]
    used = most - left
    enough = used <= BACKGROUND_SHARE * most
    hint = (
        ""
        if enough
        else f"Above {BACKGROUND_SHARE:.0%} only decisions are sent; an admin sees who uses them."
    )
    return [Check("API requests", ok=enough, found=f"{used:,} of {most:,} used in 24 hours", hint=hint)]
