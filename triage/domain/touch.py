"""What marketing did: touches, the campaign they belong to, the programme and the asset."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Touch(Struct, frozen=True):
    """One contact between marketing and the lead."""

    touch_id: str
    at: datetime | None
    kind: str = ""
    channel: str = ""
    campaign: str = ""
    asset: str = ""
    stage: str = ""
    summary: str = ""
    roles: tuple[str, ...] = ()
    """Any of first, creating, tipping, last."""

    def plays(self, role: str) -> bool:
        """Whether this touch was the first, creating, tipping or last one."""
        return role in self.roles


class Campaign(Struct, frozen=True, gc=False):
    """A campaign under its raw name and in human words."""

    name: str
    label: str = ""
    promise: str = ""
    owner: str = ""
    """Who of marketing answers for it; empty where the CRM does not say."""

    @property
    def words(self) -> str:
        """What a person calls it; the raw name where nobody wrote a label."""
        return self.label or self.name


class Nurture(Struct, frozen=True):
    """The programme a lead is in, and what it sends next."""

    programme: str
    step: int | None = None
    steps: int | None = None
    next_mail: str = ""
    next_mail_at: datetime | None = None


class Asset(Struct, frozen=True):
    """The content that won the lead, with what to say about it."""

    title: str
    kind: str = ""
    pitch: str = ""
    questions: tuple[str, ...] = ()
    template: str = ""
