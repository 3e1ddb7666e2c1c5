"""Signing in to Odoo: a key that is typed, or a short-lived one that is traded for one of 90 days.

Odoo's keys end after three months at most (from version 19 on, for who is no admin): the day is remembered in
the profile, so that the doctor can warn. The typed key is the way's one secret and travels as a client's
secret does; it goes to Odoo only. Not confirmed against a live account: that a key of the preferences has the
scope rpc, and the day in the place of a moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from datetime import timedelta

from triage.clock import utc_now
from triage.crm.bearer import Tokens
from triage.crm.odoo.api import JSON2_SINCE, Api, NotThere, OdooRefused
from triage.crm.signing import Granted, Question, Say, Way
from triage.errors import AnswerLost, BadAnswer, CrmError, NotSignedIn, UsageError
from triage.redaction import hide

KEYS = "res.users.apikeys"
_SECRET = "client_secret"  # noqa: S105 - the name of an option
_DAYS = 90
_SCOPE = "rpc"
_BY_HAND = (
    "Make a key by hand (Preferences > Account Security > New API Key, three months), then "
    "`triage login PROFILE --option key_ends=YYYY-MM-DD`."
)
_ADMIN = f"An admin sets the system parameter base.enable_programmatic_api_keys to True; or: {_BY_HAND}"
_MAY_BE_MADE = "A key named triage that nobody knows may have been made: remove it in Preferences."


async def new_key(url: str, options: Mapping[str, str], say: Say) -> Granted:
    """Trade a typed key for one of 90 days; the option `revoke=yes` ends the typed one.

    UsageError where something is missing, or the version makes keys by hand only; CrmError says why not.
    """
    typed, database = options.get(_SECRET, ""), options.get("database", "")
    if not url:
        raise UsageError("Where is Odoo?", hint="Say it with --url.")
    if not typed:
        raise UsageError(
            "A key of yours is missing.", hint="Type it when asked, or set TRIAGE_CLIENT_SECRET."
        )
    ends = (utc_now() + timedelta(days=_DAYS)).date().isoformat()
    async with aclosing(Api(url, typed, database=database, ca_file=options.get("ca_file") or None)) as api:
        if (await api.version()).major < JSON2_SINCE:
            raise UsageError("Before version 19 keys are made by hand.", hint=_BY_HAND)
        key = await _generated(api, typed, ends)
        if options.get("revoke", "").casefold() in ("yes", "true", "1"):
            await _revoke(api, typed, say)
    say(f"A key named triage was made; it ends on {ends}.")
    remembered = {"key_ends": ends} | ({"database": database} if database else {})
    return Granted(url.rstrip("/"), Tokens(key), remembered)


WAYS: dict[str, Way] = {"new-key": new_key}
_DATABASE = Question("database", "Database, where the host has several or before version 19", optional=True)
QUESTIONS: dict[str, tuple[Question, ...]] = {
    "": (
        _DATABASE,
        Question("login", "Your login, before version 19", optional=True),
        Question("key_ends", "Day on which the key ends: 2026-12-31", optional=True),
    ),
    "new-key": (
        Question(_SECRET, "An API key of yours; one of a day is enough", secret=True),
        _DATABASE,
        Question("revoke", "yes: end the typed key when the new one is made", "no", optional=True),
    ),
}


async def _generated(api: Api, typed: str, ends: str) -> str:
    """Make a key; its secret is told this once."""
    await api.uid()
    try:
        key = await api.call(
            KEYS, "generate", write=True, key=typed, scope=_SCOPE, name="triage", expiration_date=ends
        )
    except NotThere as error:
        raise CrmError("This Odoo makes keys by hand only.", hint=_BY_HAND) from error
    except OdooRefused as error:
        said = error.words.rstrip(".") or "it does not say why"
        raise CrmError(f"Odoo makes no key: {said}.", hint=_ADMIN) from None
    except AnswerLost as error:
        raise AnswerLost(error.message, retry_after=error.retry_after, hint=_MAY_BE_MADE) from None
    if not isinstance(key, str) or not key:
        raise BadAnswer("Odoo made a key and did not tell it.", hint=_MAY_BE_MADE)
    hide(key)
    return key


async def _revoke(api: Api, typed: str, say: Say) -> None:
    """End the typed key; where that fails it ends by itself, and the new one is good all the same."""
    try:
        await api.call(KEYS, "revoke", write=True, key=typed)
    except NotSignedIn:
        say("The typed key had ended already.")
    except CrmError as error:
        say(f"The typed key was not ended ({error.message}) Remove it in Preferences > Account Security.")
    else:
        say("The typed key was ended.")
