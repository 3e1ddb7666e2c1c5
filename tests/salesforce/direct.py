"""The org without a wire, and short words for what its tests ask: a client whose requests are answered at once."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.salesforce.org import Org
from tests.salesforce.org.extras import DECISION, KEY
from tests.salesforce.org.faults import LostError
from tests.salesforce.org.routes import answer, read_request

DATA = "/services/data/v68.0"


class _Direct(httpx.BaseTransport):
    def __init__(self, org: Org) -> None:
        self._org = org

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        address = request.url.raw_path.decode("ascii")
        asked = read_request(request.method, address, request.headers, request.read())
        try:
            reply = answer(self._org, asked, len(address))
        except LostError as lost:
            raise httpx.RemoteProtocolError("no answer") from lost
        content = b"" if reply.body is None else json.dumps(reply.body).encode()
        return httpx.Response(reply.status, headers=reply.headers, content=content)


class Client:
    """One user at one org."""

    def __init__(self, org: Org, token: str | None = None) -> None:
        self.org = org
        token = org.access_token if token is None else token
        self.http = httpx.Client(
            base_url="http://org.example",
            headers={"Authorization": f"Bearer {token}"},
            transport=_Direct(org),
        )

    def get(self, path: str, **params: str) -> httpx.Response:
        """Read below the version, or from a whole path."""
        path = path if path.startswith("/services/") else DATA + path
        return self.http.get(path, params=params or None)

    def send(self, method: str, path: str, body: Any, **headers: str) -> httpx.Response:
        """Write below the version."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(method, DATA + path, json=body, headers=sent)

    def query(self, soql: str, *, everything: bool = False) -> httpx.Response:
        """Ask."""
        return self.get("/queryAll" if everything else "/query", q=soql)

    def records(self, soql: str, *, everything: bool = False) -> list[dict[str, Any]]:
        """Return the rows of the first page."""
        answered = self.query(soql, everything=everything)
        assert answered.status_code == 200, answered.text
        found: list[dict[str, Any]] = answered.json()["records"]
        return found

    def token(self, **form: str) -> httpx.Response:
        """Ask the token address."""
        return self.http.post("/services/oauth2/token", data=form)


def code_of(answered: httpx.Response) -> str:
    """Return the code of the data API's refusal."""
    (error,) = answered.json()
    return f"{answered.status_code} {error['errorCode']}"


def decision(lead_id: str, outcome: str = "accepted") -> dict[str, Any]:
    """Return what a decision's row holds, but for its key."""
    return {"Lead__c": lead_id, "Kind__c": "decision", "Outcome__c": outcome}


def row_path(key: str) -> str:
    """Return where the row of a key is, below the version."""
    return f"/sobjects/{DECISION}/{KEY}/{key}"


def graph(
    name: str, lead_id: str, key: str, *, status: str = "Working - Contacted", **headers: str
) -> dict[str, Any]:
    """Return the graph of one decision: the lead's new status and the row."""
    lead = {
        "method": "PATCH",
        "url": f"{DATA}/sobjects/Lead/{lead_id}",
        "referenceId": "lead",
        "body": {"Status": status},
    }
    if headers:
        lead["httpHeaders"] = {name.replace("_", "-"): value for name, value in headers.items()}
    row = {"method": "PATCH", "url": DATA + row_path(key), "referenceId": "row", "body": decision(lead_id)}
    return {"graphId": name, "compositeRequest": [lead, row]}


def graphs(client: Client, *made: dict[str, Any]) -> list[dict[str, Any]]:
    """Send graphs and return their results."""
    answered = client.send("POST", "/composite/graph", {"graphs": list(made)})
    assert answered.status_code == 200, answered.text
    found: list[dict[str, Any]] = answered.json()["graphs"]
    return found


def codes(result: dict[str, Any]) -> list[str]:
    """Return status and code of each node of a graph's or a composite's result."""
    nodes = result.get("graphResponse", result)["compositeResponse"]
    return [" ".join([str(one["httpStatusCode"]), *_code(one["body"])]) for one in nodes]


def _code(body: Any) -> list[str]:
    return [body[0]["errorCode"]] if isinstance(body, list) and isinstance(body[0], dict) else []
