"""Where each address leads. A path that leads nowhere, but would with a slash, is sent there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from tests.bottlecrm.shop import definitions, interactions, listing, organisation, showing, writing
from tests.bottlecrm.shop.calls import Call, Reply
from tests.bottlecrm.shop.refusals import Refusal, detail, not_found

if TYPE_CHECKING:
    from tests.bottlecrm.shop.state import State

Handler = Callable[["State", Call], Reply]
OWN_DOOR = "/api/org/settings/"
"""An address that is asked without a credential too, and refuses by itself."""
ROUTES: dict[str, dict[str, Handler]] = {
    "/api/profile/": {"GET": organisation.profile},
    "/api/profile/tokens/": {"GET": organisation.tokens, "POST": organisation.token_made},
    "/api/profile/tokens/{id}/": {"DELETE": organisation.token_revoked},
    "/api/leads/": {"GET": listing.listed, "POST": writing.created},
    "/api/leads/{id}/": {
        "GET": showing.shown,
        "POST": showing.commented,
        "PUT": writing.put,
        "PATCH": writing.patched,
        "DELETE": showing.deleted,
    },
    "/api/custom-fields/": {"GET": definitions.listed, "POST": definitions.made},
    "/api/custom-fields/{id}/": {
        "GET": definitions.shown,
        "PUT": definitions.changed,
        "DELETE": definitions.put_away,
    },
    "/api/interactions/": {"POST": interactions.logged},
    OWN_DOOR: {"GET": organisation.settings},
    "/api/tags/": {"GET": organisation.tags, "POST": organisation.tag_made},
    "/api/users/": {"GET": organisation.members},
    "/api/users/get-teams-and-users/": {"GET": organisation.colleagues},
}


def methods_of(call: Call) -> dict[str, Handler]:
    """The handlers at this address, by method; raises the redirect or the page that stand for none."""
    if (found := _match(call.path, call)) is not None:
        return found
    if not call.path.endswith("/") and _match(f"{call.path}/", call) is not None:
        query = f"?{call.query}" if call.query else ""
        raise Refusal(301, "", headers={"Location": f"{call.path}/{query}"})
    raise not_found()


def handler_of(methods: dict[str, Handler], call: Call) -> Handler:
    method = "GET" if call.method == "HEAD" else call.method
    if method not in methods:
        raise detail(405, f'Method "{call.method}" not allowed.')
    return methods[method]


def _match(path: str, call: Call) -> dict[str, Handler] | None:
    if path in ROUTES:
        return ROUTES[path]
    head, _, last = path.removesuffix("/").rpartition("/")
    if path.endswith("/") and f"{head}/{{id}}/" in ROUTES and _is_id(last):
        call.args = {"id": last}
        return ROUTES[f"{head}/{{id}}/"]
    return None


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
