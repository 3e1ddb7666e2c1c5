"""/jsonrpc, for versions before 19: execute_kw with the key as the password. Odoo 22 takes it away.

An error comes with the status 200. What a version does not know is left out of a call. Not confirmed against
a live account: the order of arguments before 17, and that a missing model is a UserError there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from triage.crm.http import Http
from triage.crm.odoo.manners import OdooRefused, failure_in
from triage.errors import BadAnswer, NotSignedIn

_PATH = "/jsonrpc"
_ODOO = "Odoo"
_POSITIONAL: Mapping[str, tuple[str, ...]] = {
    "search": ("domain",),
    "search_count": ("domain",),
    "search_read": ("domain", "fields"),
    "read": ("fields",),
    "write": ("vals",),
    "create": ("vals_list",),
    "fields_get": ("allfields", "attributes"),
}
"""Arguments by their place: their names are not the same in all versions. All others go by their names."""
_SINCE = {"message_post": {"body_is_html": 17}}
"""Arguments with the version that first knew them; before it HTML was HTML without a word."""
_WHO = (
    "Older versions want to know the database and your login: "
    "`triage login PROFILE --option database=NAME --option login=NAME`."
)


class JsonRpc:
    """Calls of one database by /jsonrpc. Raises CrmError."""

    name: ClassVar[str] = "/jsonrpc"

    def __init__(self, http: Http, key: str, *, database: str, uid: int, major: int) -> None:
        self._http = http
        self._key = key
        self._database = database
        self.uid = uid
        self._major = major

    async def call(
        self, model: str, method: str, ids: Sequence[int], named: Mapping[str, Any], *, write: bool
    ) -> Any:
        """Return the result of a method; a write is sent once."""
        who = (self._database, self.uid, self._key)
        args, others = self._arguments(method, ids, named)
        return await ask(self._http, "object", "execute_kw", *who, model, method, args, others, write=write)

    def _arguments(
        self, method: str, ids: Sequence[int], named: Mapping[str, Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        since = _SINCE.get(method, {})
        others = {name: value for name, value in named.items() if since.get(name, 0) <= self._major}
        args: list[Any] = [list(ids)] if ids else []
        for name in _POSITIONAL.get(method, ()):
            if name not in others:
                break
            args.append(others.pop(name))
        return args, others


async def ask(http: Http, service: str, method: str, *args: Any, write: bool = False) -> Any:
    """Return the result of a method of a service; AnswerLost where a write may have taken effect."""
    params = {"service": service, "method": method, "args": list(args)}
    body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
    make = http.send if write else http.ask
    answer = (await make(_PATH, body, expect=("jsonrpc",))).body
    if answer.get("error") is None:
        return answer.get("result")
    failed = failure_in(answer["error"], _ODOO)
    raise failed.error_of_write if write else failed.error


async def sign_in(http: Http, database: str, login: str, key: str) -> int:
    """Return the user's id: this interface wants it with every call."""
    if not database or not login:
        raise NotSignedIn("This Odoo does not know who you are by a key alone.", hint=_WHO)
    try:
        uid = await ask(http, "common", "authenticate", database, login, key, {})
    except OdooRefused as error:
        raise NotSignedIn(error.message, hint=_WHO) from None
    if not isinstance(uid, int) or not uid:
        raise NotSignedIn(f"{_ODOO} does not take the key for this login and database.", hint=_WHO)
    return uid


async def version(http: Http) -> Sequence[Any]:
    """Return the version as this interface says it: [17, 0, 0, "final", 0, ""]."""
    told = await ask(http, "common", "version")
    info = told.get("server_version_info") if isinstance(told, dict) else None
    if not isinstance(info, list):
        raise BadAnswer("This address does not answer as Odoo does.", hint="Check the address of the CRM.")
    return info
