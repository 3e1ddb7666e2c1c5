"""What a doctor finds in an org: who, where, which mode, what is closed to us, what is left of the day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

from triage.crm.fields import Fields
from triage.crm.salesforce.account import WITHOUT, Account
from triage.crm.salesforce.api import BACKGROUND_SHARE, DATA, VERSION
from triage.crm.salesforce.reading.activities import OWNER_CHANGES
from triage.crm.salesforce.selects import select_from
from triage.crm.salesforce.setting_up.metadata_setup import OPTIONAL, schema_plan
from triage.crm.setup import Check
from triage.errors import BadAnswer, CrmError, NotSignedIn, RateLimited
from triage.text import clean

_ORG = "SELECT Id, Name, IsSandbox, OrganizationType FROM Organization LIMIT 1"
_FEATURES = (
    ("einstein score", "ScoreIntelligence", "leads come without Einstein's score"),
    ("prediction", "AIRecordInsight", "no reasons are given for a score"),
    ("campaigns", "CampaignMember", "no campaign is shown beside a lead"),
    ("opportunities", "Opportunity", "what became of leads is not told"),
)
_PLAN = "`triage setup --dry-run` says how an admin gives you each."
_NO_DEADLINES = "leads have no deadline; an admin tracks Lead Owner, or fields name assigned_at"
_PARDOT = "pi__score__c"


async def examine(account: Account) -> tuple[Check, ...]:
    """Return one line each; what cannot be found out is a line that says so."""
    parts: tuple[tuple[str, Callable[[Account], Awaitable[list[Check]]]], ...] = (
        ("account", _organisation),
        ("who", _user),
        ("decisions", _mode),
        ("setup", _setup),
        ("words", _words),
        ("features", _features),
        ("assignments", _assignments),
        ("requests today", _usage),
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
    return [Check("account", ok=True, found=f"{said} · API {VERSION}")]


async def _user(account: Account) -> list[Check]:
    rep = await account.whoami()
    return [Check("who", ok=True, found=f"{clean(rep.name, limit=80)} ({rep.user_id}), as {account.role}")]


async def _mode(account: Account) -> list[Check]:
    if account.object_name == WITHOUT:
        return [Check("decisions", ok=True, found="kept as completed tasks, as the profile says")]
    if await account.decision_object() is not None:
        return [Check("decisions", ok=True, found=f"kept in {account.object_name}")]
    hint = "An admin deploys the object and gives you its permission set: `triage setup` says how."
    found = f"kept as completed tasks: {account.object_name} is not there, or not for you"
    return [Check("decisions", ok=False, found=found, hint=hint)]


async def _setup(account: Account) -> list[Check]:
    """Return in one line what is not as it must be; what may be left out is no fault."""
    off = [step for step in await schema_plan(account) if step.state != "there" and step.kind != "object"]
    spare = [step.name for step in off if step.words.endswith(OPTIONAL)]
    needed = [step.name for step in off if step.name not in spare]
    told = [
        f"not there, closed or different: {', '.join(needed)}" if needed else "",
        f"not there and not needed: {', '.join(spare)}" if spare else "",
    ]
    found = "; ".join(text for text in told if text) or "all that triage reads and writes is open to you"
    return [Check("setup", ok=not needed, found=found, hint=_PLAN if needed else "")]


async def _words(account: Account) -> list[Check]:
    """Return what the profile calls something that the org does not have."""
    return list(await account.mapping_errors())


async def _assignments(account: Account) -> list[Check]:
    """Return whether anything says when a lead came to its rep: deadlines are counted from there."""
    named = account.dialect.fields.get("assigned_at")
    if named:
        return [Check("assignments", ok=True, found=f"by the field {named}")]
    history = await account.api.describe(OWNER_CHANGES.sobject)
    question = f"{select_from(OWNER_CHANGES.sobject, ('Id',), OWNER_CHANGES.where)} LIMIT 1"
    rows = await account.api.rows(question) if history is not None else []
    found = "by the lead history" if rows else f"no change of owner is kept: {_NO_DEADLINES}"
    return [Check("assignments", ok=True, found=found)]


async def _features(account: Account) -> list[Check]:
    lead = await account.lead()
    found = [
        _feature(name, without, has=await account.api.describe(sobject) is not None)
        for name, sobject, without in _FEATURES
    ]
    pardot = _feature("account engagement", "no Pardot score is shown", has=_PARDOT in lead.fields)
    return [*found, pardot]


def _feature(name: str, without: str, *, has: bool) -> Check:
    return Check(name, ok=True, found="there" if has else f"not there, or not for you: {without}")


async def _usage(account: Account) -> list[Check]:
    """Return how many requests of the organisation's day are left; reading stops before they are used up."""
    answer = await account.api.get(f"{DATA}/limits")
    daily = Fields(answer.body, Counter()).child("DailyApiRequests")
    most, left = (daily.whole("Max"), daily.whole("Remaining")) if daily else (None, None)
    if most is None or left is None or most <= 0:
        return [Check("requests today", ok=True, found="Salesforce does not say how many are left")]
    used = most - left
    enough = used <= BACKGROUND_SHARE * most
    hint = (
        ""
        if enough
        else f"Above {BACKGROUND_SHARE:.0%} only decisions are sent; an admin sees who uses them."
    )
    return [Check("requests today", ok=enough, found=f"{used:,} of {most:,} used in 24 hours", hint=hint)]
