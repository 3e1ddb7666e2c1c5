"""The REST API of one org: queries page by page, describes, graphs, and how much of the day is used.

Knows paths and envelopes, no lead. Not confirmed against a live account: `Sforce-Query-Options` makes pages
smaller (a server that ignores it sends up to 2,000 rows, which is read just as well).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from msgspec import Struct, field

from triage.crm.answer import Answer
from triage.crm.http import Http
from triage.crm.salesforce.describe import Described, read_describe
from triage.crm.salesforce.manners import codes
from triage.errors import BadAnswer, NotPermitted, RateLimited

VERSION = "v68.0"
DATA = f"/services/data/{VERSION}"
HEADERS = {"Sforce-Query-Options": "batchSize=500"}
"""With every request: a page of leads stays well below the 10 MB of one answer."""
BACKGROUND_SHARE = 0.8
"""Of the organisation's requests of a day: above this, decisions leave and nothing is read for comfort."""
_PAGES = 2_000
"""Pages of one query: a link that leads in circles ends here."""
_USAGE = re.compile(r"(?:^|[;,\s])api-usage=(\d{1,12})/(\d{1,12})")
_UNKNOWN = frozenset({"INVALID_FIELD", "INVALID_TYPE"})
_MISSING = frozenset({"NOT_FOUND", "INVALID_TYPE"})
Row = dict[str, Any]


class NoSuchField(BadAnswer):
    """A query named a field or an object that is not there for this user; what a describe said is old."""


class Usage(Struct, frozen=True):
    """How many requests of the organisation's rolling day are used."""

    used: int
    most: int

    @property
    def share(self) -> float:
        """0 to 1, and above where the org has overdrawn."""
        return self.used / self.most if self.most else 0.0


class Page(Struct, frozen=True):
    """One page of a query's rows, and whether there are more."""

    rows: list[Row]
    more: bool


class Node(Struct, frozen=True):
    """What became of one request of a graph."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Graph(Struct, frozen=True):
    """What became of one graph: all of it took effect, or nothing."""

    successful: bool
    nodes: Mapping[str, Node] = field(default_factory=dict)
    """By referenceId."""


class GraphAnswer(Struct, frozen=True):
    """What became of each graph, by graphId; one that is missing here is unknown."""

    graphs: Mapping[str, Graph] = field(default_factory=dict)
    refused: str = ""
    """Why Salesforce took none of the request, in its words; empty where it did."""


class Api:
    """One org over HTTP. Belongs to the adapter that made it; raises CrmError."""

    def __init__(self, http: Http) -> None:
        self.http = http
        self.usage: Usage | None = None
        """As the last answer said it; None: not yet."""
        self._described: dict[str, Described | None] = {}

    @property
    def skew(self) -> timedelta | None:
        """How far Salesforce's clock was ahead at its last answer."""
        return self.http.skew

    async def aclose(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def query(
        self, soql: str, *, background: bool = False, deleted: bool = False
    ) -> AsyncIterator[Row]:
        """Yield all rows, following the links from page to page. The caller splits what is too long.

        `background`: not asked above 80 % of the day's requests, RateLimited says so. `deleted`: rows in the
        recycle bin too. NoSuchField where the org does not know a field or object of it.
        """
        async for page in self.pages(soql, background=background, deleted=deleted):
            for row in page.rows:
                yield row

    async def rows(self, soql: str, *, background: bool = False, deleted: bool = False) -> list[Row]:
        """Return all rows of a query that is known to have few; the rest as `query`."""
        return [row async for row in self.query(soql, background=background, deleted=deleted)]

    async def pages(
        self, soql: str, *, background: bool = False, deleted: bool = False
    ) -> AsyncIterator[Page]:
        """Yield the rows page by page, at least one page; the rest as `query`."""
        path, params = f"{DATA}/{'queryAll' if deleted else 'query'}", {"q": soql}
        been: set[str] = set()
        while True:
            if background:
                self.check_usage()
            body = (await self._asked(path, params)).body
            done = body["done"] is True
            path, params = ("" if done else _next(body, been)), {}
            yield Page(_rows(body), more=not done)
            if done:
                return

    async def _asked(self, path: str, params: Mapping[str, str]) -> Answer:
        also = (HTTPStatus.BAD_REQUEST,)
        answer = await self.get(path, params=params, expect=("records", "done"), also=also)
        if answer.status == HTTPStatus.BAD_REQUEST:
            kind = NoSuchField if _UNKNOWN.intersection(codes(list(answer.items))) else BadAnswer
            raise kind(f"Salesforce does not understand a query: {answer.words}")
        return answer

    async def describe(self, sobject: str) -> Described | None:
        """Return an object as this user may use it, asked once; None where there is none for them."""
        if sobject not in self._described:
            self._described[sobject] = await self._describe(sobject)
        return self._described[sobject]

    def forget(self, *sobjects: str) -> None:
        """Have objects described anew when they are next needed."""
        for sobject in sobjects:
            self._described.pop(sobject, None)

    async def _describe(self, sobject: str) -> Described | None:
        path = f"{DATA}/sobjects/{quote(sobject, safe='')}/describe"
        refused = (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST)
        try:
            answer = await self.get(path, expect=("name", "fields"), also=refused)
        except NotPermitted:
            return None
        if answer.status not in refused:
            return read_describe(answer.body)
        if _MISSING.intersection(codes(list(answer.items))):
            return None
        raise BadAnswer(f"Salesforce does not describe {sobject}: {answer.words}")

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        expect: tuple[str, ...] = (),
        also: tuple[int, ...] = (),
    ) -> Answer:
        """Read a path; the rest as `Http.get`."""
        return self._counted(await self.http.get(path, params=params, expect=expect, also=also))

    async def send(
        self,
        path: str,
        body: object,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        expect: tuple[str, ...] = (),
        also: tuple[int, ...] = (),
    ) -> Answer:
        """Write once; the rest as `Http.send`."""
        answer = await self.http.send(path, body, method=method, headers=headers, expect=expect, also=also)
        return self._counted(answer)

    async def graph(self, graphs: Sequence[Mapping[str, Any]]) -> GraphAnswer:
        """Send graphs in one request, once. What raises is what `Http.send` raises.

        Each is `{"graphId", "compositeRequest": [{"method", "url", "referenceId", "body", "httpHeaders"}]}`.
        """
        refusals = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = {"graphs": list(graphs)}
        answer = await self.send(f"{DATA}/composite/graph", body, expect=("graphs",), also=refusals)
        if answer.status in refusals:
            return GraphAnswer(refused=answer.words or f"Salesforce refused it ({answer.status}).")
        return _read_graphs(answer.body["graphs"])

    def check_usage(self) -> None:
        """Stop reading in the background above 80 % of the day. RateLimited, without a pause for delivery."""
        if self.usage is None or self.usage.share <= BACKGROUND_SHARE:
            return
        raise RateLimited(
            f"The organisation has used {self.usage.used:,} of its {self.usage.most:,} Salesforce requests of"
            f" today; above {BACKGROUND_SHARE:.0%} triage reads nothing new.",
            retry_after=0.0,
            hint="Decisions are still delivered. An admin sees the usage under System Overview.",
        )

    def _counted(self, answer: Answer) -> Answer:
        """Take note of how much of the day is used: every answer of the REST API says it."""
        told = _USAGE.search(answer.headers.get("sforce-limit-info", ""))
        if told:
            self.usage = Usage(int(told[1]), int(told[2]))
        return answer


def _rows(body: Row) -> list[Row]:
    records = body["records"]
    if not isinstance(records, list):
        raise BadAnswer("Salesforce sent a page of another shape.")
    return [row for row in records if isinstance(row, dict)]


def _next(body: Row, been: set[str]) -> str:
    """Return the link to the next page, verbatim. BadAnswer for one that leads nowhere or back."""
    link = body.get("nextRecordsUrl")
    if not isinstance(link, str) or not link or link in been or len(been) >= _PAGES:
        raise BadAnswer("Salesforce says that there are more rows, but its link does not lead on.")
    been.add(link)
    return link


def _read_graphs(listed: object) -> GraphAnswer:
    found: dict[str, Graph] = {}
    for one in listed if isinstance(listed, list) else ():
        graph_id = one.get("graphId") if isinstance(one, dict) else None
        if isinstance(graph_id, str):
            found[graph_id] = _read_graph(one)
    return GraphAnswer(found)


def _read_graph(one: Row) -> Graph:
    response = one.get("graphResponse")
    listed = response.get("compositeResponse") if isinstance(response, dict) else None
    nodes = {
        node["referenceId"]: _read_node(node)
        for node in (listed if isinstance(listed, list) else ())
        if isinstance(node, dict) and isinstance(node.get("referenceId"), str)
    }
    return Graph(one.get("isSuccessful") is True, nodes)


def _read_node(node: Row) -> Node:
    status, headers = node.get("httpStatusCode"), node.get("httpHeaders")
    return Node(
        status if isinstance(status, int) else 0,
        node.get("body"),
        {name: value for name, value in headers.items() if isinstance(value, str)}
        if isinstance(headers, dict)
        else {},
    )
