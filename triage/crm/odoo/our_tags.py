"""Our tags, made where they are missing: a sales person may make tags, and all decisions need them.

Not confirmed against a live account: that a sales person may make tags; where they may not, setup by an admin
does.
"""

from __future__ import annotations

from contextlib import suppress

from triage.crm.odoo.account import Account
from triage.crm.odoo.api import Api, OdooRefused
from triage.crm.odoo.statuses import TAGS
from triage.errors import AnswerLost, BadAnswer, NotPermitted

TAG = "crm.tag"
_HINT = "An admin makes triage's tags with `triage setup`; then try again."


async def make_tags(api: Api, account: Account) -> None:
    """Make the tags that are missing; what another has made meanwhile is no error.

    CrmError where they are not there afterwards: without its tag a decision would leave nothing on a lead.
    """
    missing = await _missing(account)
    if not missing:
        return
    try:
        await make_tag(api, *missing)
    except NotPermitted as error:
        raise NotPermitted(error.message, hint=_HINT) from None
    finally:
        account.forget()
    if await _missing(account):
        raise BadAnswer("Odoo has not made triage's tags.", hint=_HINT)


async def _missing(account: Account) -> list[str]:
    there = (await account.statuses()).tags
    return [name for status, name in TAGS.items() if status not in there]


async def make_tag(api: Api, *names: str) -> None:
    """Make tags, all or none. A lost answer does no harm: whoever looks again finds them."""
    with suppress(AnswerLost, OdooRefused):
        await api.call(TAG, "create", write=True, vals_list=[{"name": name} for name in names])
