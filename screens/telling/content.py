"""What exists already, what others have asked for, or something new: one question, answered by key or text.

A question as a value, like the others. Owns no list of its own, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.geometry import Size

from screens.actions import TEXT, first_key
from screens.asking.draft import Draft
from screens.asking.questions import AS_SHIPPED, LEFT, TAB, Given, Press, Reply, head
from screens.asking.ways_out import says
from screens.cells import Line, crop, say
from screens.ink import Ink
from triage.domain.content import ContentAsset, ContentRequest, Library
from triage.domain.filling import fill_in
from triage.domain.lead import Lead
from triage.links import web_address

ASSETS, REQUESTS = 4, 3
"""Lines of each at most: there is a brief above them."""
_DIGITS = "123456789"
_NEW = -1
"""The line that asks for what was typed."""
Offer = ContentAsset | ContentRequest


class ContentChoice:
    """Take what exists by its digit, or type: the list follows, arrows take from it, and Enter asks anew."""

    context: ClassVar[str] = TEXT
    keymap: Mapping[str, str] = AS_SHIPPED

    def __init__(
        self, title: str, library: Library, leads: Sequence[Lead], problem: Callable[[str], str]
    ) -> None:
        self.title = title
        self.draft = Draft()
        self.index = _NEW
        self.wrong = ""
        self._library = library
        self._leads = leads
        self._problem = problem
        self.found: tuple[Offer, ...] = self._find("")

    def _find(self, text: str) -> tuple[Offer, ...]:
        library = self._library
        assets = library.assets_for(self._leads, text)[:ASSETS]
        return (*assets, *library.requests_for(self._leads, text)[:REQUESTS])

    def press(self, press: Press) -> Reply:
        """Answer with an asset, a request, the typed text, or TAB."""
        typed = self.draft.text
        if press.action == "leave_text" or (press.key == "backspace" and not typed):
            return LEFT
        if press.action == "keep":
            return self._taken()
        if press.action == "complete":
            return Given(TAB) if self._is_complete() else None
        if press.key in ("up", "down"):
            self._move(1 if press.key == "down" else -1)
        elif not typed and press.key in _DIGITS[: len(self.found)]:
            return Given(self.found[_DIGITS.index(press.key)])
        else:
            self._change(Draft() if press.action == "clear" else self.draft.press(press.key, press.character))
        return None

    def paste(self, text: str) -> None:
        """Insert at the caret."""
        self._change(self.draft.insert(text))

    def _move(self, by: int) -> None:
        """Go to another line; with nothing typed there is nothing to ask for, and no line for it."""
        lines = [*([_NEW] if self.draft.text else []), *range(len(self.found))]
        if lines:
            at = lines.index(self.index) if self.index in lines else (-1 if by > 0 else len(lines))
            self.index = lines[(at + by) % len(lines)]

    def _change(self, draft: Draft | None) -> None:
        if draft is None:
            return
        if draft.text != self.draft.text:
            self.found, self.index, self.wrong = self._find(draft.text), _NEW, ""
        self.draft = draft

    def _taken(self) -> Reply:
        if self.index != _NEW:
            return Given(self.found[self.index])
        return Given(self.draft.text.strip()) if self._is_complete() else None

    def _is_complete(self) -> bool:
        self.wrong = self._problem(self.draft.text)
        return not self.wrong

    def lines(self, size: Size, ink: Ink) -> list[Line]:
        """Return title, field, what would be asked for, and what there is, around the line of the cursor."""
        width, height = size
        takes = says("keep", "asks" if self.index == _NEW else "takes", self.keymap)
        leaves = says("leave_text", "leaves", self.keymap)
        kinds = f"{first_key('complete', self.keymap)} what kind, for whom"
        hint = f"{takes} · {kinds} · {leaves}" if self.draft.text else f"type, or take by digit · {leaves}"
        top = [head(self.title, hint, width, ink)]
        top.append(Line(" › ", ink.accent).join(self.draft.line(width - 4, ink)))
        if self.wrong:
            top.append(Line("   ", ink.text).add(crop(self.wrong, width - 4), ink.bad))
        rows = [
            self._line(index, width, ink) for index in range(_NEW if self.draft.text else 0, len(self.found))
        ]
        room = max(height - len(top), 1)
        here = self.index - _NEW if self.draft.text else max(self.index, 0)
        start = max(0, min(here - room // 2, len(rows) - room))
        return [*top, *rows[start : start + room]]

    def _line(self, index: int, width: int, ink: Ink) -> Line:
        here = index == self.index
        line = Line("▌" if here else " ", ink.accent)
        style = ink.strong if here else ink.text
        if index == _NEW:
            return line.add("  ", ink.text).add(
                crop(f"ask for “{self.draft.text.strip()}”", width - 4), style
            )
        line.add("  " if self.draft.text else f"{_DIGITS[index]} ", ink.accent)
        offer = self.found[index]
        label, detail = _words(offer)
        line.add(crop(label, max(width * 3 // 5, width - len(detail) - 6)), style)
        return line.add(" ", ink.text).add(crop(detail, max(width - line.width - 2, 0)), ink.dim)


def _words(offer: Offer) -> tuple[str, str]:
    """Return what a line says, and paler what it is."""
    if isinstance(offer, ContentAsset):
        kind = say(offer.kind) or "asset"
        return f"copy {say(offer.title)}", " · ".join(part for part in (kind, say(offer.pitch)) if part)
    parts = (
        say(offer.asset_type),
        f"{offer.votes} asked{', you too' if offer.mine else ''}",
        say(offer.state) if offer.state != "open" else "",
        f"by {say(offer.needed_by)}" if offer.needed_by else "",
    )
    return f"+1 {say(offer.topic)}", " · ".join(part for part in parts if part)


def to_copy(asset: ContentAsset, leads: Sequence[Lead], rep: str) -> tuple[str, str]:
    """Return what an asset is given out as, with its name: its mail for one lead, else its address."""
    if asset.template and len(leads) == 1:
        return f"mail about “{say(asset.title)}”", fill_in(asset.template, leads[0], rep).text
    address = web_address(asset.url)
    if address:
        return f"link to “{say(asset.title)}”", address
    return "asset's title", f"{say(asset.title)}: {say(asset.pitch)}".rstrip(": ")
