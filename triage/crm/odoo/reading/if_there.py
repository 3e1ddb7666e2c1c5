"""Rows of models that not every database has, or not for everyone: leads come without them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from triage.crm.odoo.api import Api, OdooRefused, Row
from triage.errors import NotPermitted


class IfThere:
    """Questions that may be refused; a model is given up with its first refusal."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._given_up: set[str] = set()

    async def rows(
        self, model: str, domain: Sequence[Any], fields: Sequence[str], **more: Any
    ) -> list[Row] | None:
        """Return rows as `Api.search_read`; None where the model is not there or not for this user."""
        if model in self._given_up or not await self._api.fields(model):
            return None
        try:
            return await self._api.search_read(model, domain, fields, **more)
        except (NotPermitted, OdooRefused):
            self._given_up.add(model)
            return None

    async def has(self, model: str, *fields: str) -> bool:
        """Whether a model is there with all of these fields."""
        known = await self._api.fields(model)
        return bool(known) and all(field in known for field in fields)
