"""One request as the org sees it, who makes it, and the answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tests.salesforce.org.errors import RefusedError
from tests.salesforce.org.paths import Eyes
from tests.salesforce.org.schema import SObject
from tests.salesforce.org.tables import Row

if TYPE_CHECKING:
    from tests.salesforce.org.state import Org


@dataclass(frozen=True)
class Asked:
    """Method, path below the version, query and body of a request or of a part of a composite one."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names are in small letters."""
    content: bytes = b""
    base: str = ""
    """The address of the org as the client wrote it."""

    @cached_property
    def body(self) -> Any:
        """The body as JSON; RefusedError where it is none."""
        kind = self.headers.get("content-type", "application/json").partition(";")[0]
        if kind != "application/json":
            words = f"Content-Type '{kind}' is not supported"
            raise RefusedError(415, "UNSUPPORTED_MEDIA_TYPE", words)
        try:
            return json.loads(self.content or b"null")
        except ValueError as error:
            raise RefusedError(400, "JSON_PARSER_ERROR", f"Unexpected character: {error}") from error

    @property
    def record(self) -> dict[str, Any]:
        """The body as the fields of one record."""
        if not isinstance(self.body, dict):
            raise RefusedError(
                400, "JSON_PARSER_ERROR", "The HTTP entity body is required, and is one object."
            )
        return self.body


@dataclass
class Reply:
    """Status, body (None: there is none) and headers of an answer."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """A request by a user who is signed in."""

    org: Org
    user: str
    version: str
    trouble: RefusedError | None = None
    """What the first write inside of this request meets."""
    depth: int = 0

    @cached_property
    def eyes(self) -> Eyes:
        """How this user sees rows."""
        return Eyes(self.org.tables, self.org.schema, self.user)

    def rows(self, sobject: SObject, *, everything: bool) -> Iterable[Row]:
        """Return the rows that this user may see; deleted ones only with everything."""
        hides = self.org.private and sobject.name == "Lead"
        return [
            row
            for row in self.org.tables.all(sobject.name)
            if (everything or not row.get("IsDeleted")) and not (hides and not self.sees(row))
        ]

    def sees(self, row: Row) -> bool:
        """Whether a private sharing model lets this user see a lead: their own, and the queues'."""
        return row["OwnerId"] == self.user or str(row["OwnerId"]).startswith("00G")

    def strike(self) -> None:
        """Meet the trouble, once."""
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            raise trouble

    def url(self, sobject: SObject, row: Row) -> str:
        """Return where a record is."""
        return f"/services/data/{self.version}/sobjects/{sobject.name}/{row['Id']}"
