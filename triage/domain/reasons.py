"""Reason codes: data, versioned; a code is unique within its act, and a retired one stays readable."""

from __future__ import annotations

from msgspec import Struct

from triage.domain.act import Act
from triage.errors import UnknownReason


class Reason(Struct, frozen=True):
    """One code of one act, as `config/reasons.toml` or the CRM gives it."""

    code: str
    act: Act
    label: str
    hotkey: str
    """The digit that chooses it in the reason strip."""
    kind: str = ""
    """definitional, clerical, procedural, exclusion, timing, positive or other."""
    requires: str | None = None
    """The parameter it needs (names of the command line's `--param`), or None."""
    optional: tuple[str, ...] = ()
    counts_against_mql: str | None = None
    """yes, no, held, or None where the question does not arise."""
    facts: tuple[str, ...] = ()
    """What it is about: of several failing lines, it points at one on these facts first."""
    routes_to: str = ""
    """The team that owns what follows."""
    default_wake_days: int | None = None
    active: bool = True
    replaced_by: str | None = None

    @property
    def points_at_definition(self) -> bool:
        """Whether it says that a line of the MQL definition was wrong about this lead."""
        return self.kind == "definitional"


class ReasonBook(Struct, frozen=True):
    """All codes of one version."""

    version: str
    reasons: tuple[Reason, ...]

    def of(self, act: Act) -> tuple[Reason, ...]:
        """Return the active codes of an act, in the order of their keys (1 … 9, 0)."""
        active = [reason for reason in self.reasons if reason.act is act and reason.active]
        return tuple(sorted(active, key=lambda reason: (reason.hotkey == "0", reason.hotkey)))

    def find(self, act: Act, code: str) -> Reason:
        """Return the active code of an act; UnknownReason names the nearest and the rest."""
        wanted = code.strip().upper()
        codes = {reason.code: reason for reason in self.of(act)}
        if wanted in codes:
            return codes[wanted]
        retired = next((r for r in self.reasons if r.act is act and r.code == wanted), None)
        if retired is not None and retired.replaced_by:
            raise UnknownReason(f"{wanted} is retired.", hint=f"Use {retired.replaced_by}.")
        import difflib  # noqa: PLC0415 - for a name that there is not

        near = difflib.get_close_matches(wanted, codes, n=1)
        guess = f"Did you mean {near[0]}? " if near else ""
        known = ", ".join(codes) or "none"
        raise UnknownReason(
            f"“{code}” is not a reason to {act}.", hint=f"{guess}The codes of {act} are: {known}."
        )

    def label(self, act: Act, code: str | None) -> str:
        """Return the words for a code, retired ones included; the code itself if it is not known."""
        for reason in self.reasons:
            if reason.act is act and reason.code == code:
                return reason.label
        return code or ""
