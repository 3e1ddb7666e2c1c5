"""From what the rep said to the disk: whom it reaches, who answers, what is previewed, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from screens.actions import first_key
from screens.asking.form import Form
from screens.asking.lead_pick import names_of
from screens.asking.questions import Confirm, Type
from screens.deciding.act_words import about, skipped_words
from screens.deciding.acts import NAMED, Acts
from screens.deciding.offers import Tell
from screens.host import Host
from screens.telling.routes import Reach, goes_to, owners_words, preview_lines
from screens.writing import PREVIEW_FROM, targets_of, undo_words, written
from triage.desk.results import Acted
from triage.domain.feedback import FeedbackType
from triage.domain.inbox import Entry
from triage.domain.lead import Lead, LeadId
from triage.domain.outline import Outline
from triage.domain.payloads import problem_with


class Sending:
    """What all feedback has in common, whatever was asked."""

    def __init__(self, host: Host, acts: Acts) -> None:
        self._host = host
        self._acts = acts

    async def _reach(
        self, kind: FeedbackType, targets: tuple[LeadId, ...] | None = None, said: str = ""
    ) -> Reach | None:
        """Return the leads it would be about, with who answers; of many the preview. None: there are none."""
        host = self._host
        if targets is None:
            targets = await targets_of(host)
        if not (outlines := self._outlines(targets)):
            return None
        if len(targets) < PREVIEW_FROM:
            return Reach(targets, tuple(outlines), (goes_to(kind, outlines),))
        call = host.session.call(host.session.desk.preview_feedback, targets, kind, {}, whole=False)
        if (preview := await written(host, call)) is None:
            return None
        if not preview.allowed:
            host.say(f"Not told: {skipped_words(preview.skipped)}", bad=True)
            return None
        lines = preview_lines(preview, said or kind.replace("_", " "))
        return Reach(targets, tuple(outlines), tuple(lines), asks=True)

    def _title(self, what: str, kind: FeedbackType, reach: Reach) -> str:
        """Return the title of a choice: who answers stands before what is cut off first."""
        return f"{what} {goes_to(kind, reach.outlines)}: {about(reach.outlines)}"

    def _field(self, reach: Reach, kind: FeedbackType, name: str, title: str, **more: str) -> Type:
        """Return the question for one field; the domain judges what is typed."""
        today = self._today()
        return Type(
            title,
            hint=more.get("hint", ""),
            tab=more.get("tab", ""),
            problem=lambda text: problem_with(kind, name, text, today),
            lead_in=reach.lead_in,
            asks=reach.asks,
        )

    async def _typed(
        self,
        targets: tuple[LeadId, ...],
        kind: FeedbackType,
        name: str,
        title: str,
        *,
        hint: str = "",
        lead_in: tuple[str, ...] = (),
    ) -> bool:
        """Ask for the one field and tell; a failed write brings it back as it was typed."""
        if (reach := await self._reach(kind, targets)) is None:
            return True
        question = self._field(reach, kind, name, title, hint=hint)
        question.lead_in = (*reach.lead_in, *lead_in)
        form = Form(self._host.ask, lambda said: None if name in said else (name, question))
        return await form.kept(lambda said: self._told(reach, kind, said, seen=True))

    async def _told(
        self,
        reach: Reach,
        kind: FeedbackType,
        payload: Mapping[str, str],
        decision_id: str | None = None,
        *,
        seen: bool = False,
    ) -> bool:
        said = kind.replace("_", " ")
        return await self._tell(reach.lead_ids, kind, payload, said, decision_id=decision_id, seen=seen)

    async def _tell(
        self,
        targets: tuple[LeadId, ...],
        kind: FeedbackType,
        payload: Mapping[str, str],
        said: str,
        *,
        decision_id: str | None = None,
        named: bool = False,
        seen: bool = False,
    ) -> bool:
        """Write feedback and say so; False if nothing was written.

        `named`: the rep sees first of whom. `seen`: the preview stood beside what was typed.
        """
        host, desk = self._host, self._host.session.desk
        if named or (len(targets) >= PREVIEW_FROM and not seen):
            preview = await written(host, host.session.call(desk.preview_feedback, targets, kind, payload))
            lines = [] if preview is None else preview_lines(preview, said)
            lines[1:1] = names_of(self._entries(targets), NAMED) if named else []
            if preview is None or not await host.ask(Confirm(f"Tell marketing: {said}?", lines)):
                return False
        acted = await written(
            host, host.session.call(desk.feedback, targets, kind, payload, decision_id=decision_id)
        )
        if acted is None:
            return False
        once = decision_id is not None or kind is FeedbackType.DATA_CORRECTION or len(targets) > 1
        self._say(acted, said, None if once else lambda ids: self._tell(ids, kind, payload, said, named=True))
        return True

    def _say(self, acted: Acted, said: str, again: Tell | None) -> None:
        host, keymap = self._host, self._host.keymap
        self._acts.forget_offers()
        self._acts.skipped = acted.skipped
        lists = f"{first_key('skipped', keymap)} lists them" if len(acted.skipped) > 1 else ""
        skipped = skipped_words(acted.skipped)
        if not acted.items:
            host.say(f"Not told: {skipped}", lists, bad=True)
            return
        host.landed(acted.entries, queued=len(acted.items), follow=host.tray.cursor)
        entries = host.tray.inbox.entries
        one = entries.get(acted.items[0].lead_id)
        who = about([one.outline]) if len(acted.items) == 1 and one else str(len(acted.items))
        tail = f" · {len(acted.skipped)} skipped: {skipped}" if acted.skipped else ""
        owners = [item.feedback.routed_to for item in acted.items if item.feedback is not None]
        goes = f" {owners_words(owners)}" if all(owners) and not acted.skipped else ""
        way_back = " · ".join(part for part in (lists, undo_words(keymap)) if part)
        same = self._acts.offer_told(one.outline, again) if one is not None and again is not None else ""
        host.say(f"{who}: {said}{goes}{tail}{f' · {same}' if same else ''}", way_back)

    def _leads(self, lead_ids: Sequence[LeadId]) -> list[Lead]:
        return [entry.lead for entry in self._entries(lead_ids)]

    def _entries(self, lead_ids: Sequence[LeadId]) -> list[Entry]:
        entries = self._host.tray.inbox.entries
        return [entries[one] for one in lead_ids if one in entries]

    def _outlines(self, lead_ids: Sequence[LeadId]) -> list[Outline]:
        return [entry.outline for entry in self._entries(lead_ids)]

    def _today(self) -> date:
        return self._host.clock().astimezone().date()
