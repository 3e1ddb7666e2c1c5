"""How long what concerns people is kept: what is old enough goes, and its bytes with it.

Owns the rules of what may go. Nothing undelivered ever goes, nor a decision without which its lead would
wait for the rep once more. Must never run inside a commit: a caller asks for one step at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime

from triage.domain.archived import Archived
from triage.domain.item import EFFECTIVE, UNDELIVERED
from triage.domain.lead import LeadId
from triage.store.archive import Archive
from triage.store.glimpses import Trace
from triage.store.leads import ERASED, Leads
from triage.store.outbox import Outbox

AT_A_TIME = 100
"""Items archived in one step: a key press waits no longer than for one."""


def archivable(
    outbox: Outbox, leads: Leads, before: datetime, *, without: Collection[str] = ()
) -> list[list[str]]:
    """Return the ids that may go, act by act, the oldest first: settled, and unchanged since `before`.

    The items of a bulk act go together, so that an undo is for all of them. Those of a lead stay while
    anything of it is undelivered: undo and keep-mine need them. Items `without` are looked past.
    """
    traces = [trace for trace in outbox.traces() if trace.id not in without]
    old = [trace for trace in traces if _is_old(trace, before)]
    awake = {trace.lead_id for trace in traces if trace.state in UNDELIVERED}
    awake |= _unaware(traces, leads, {trace.lead_id for trace in old} - awake)
    acts: defaultdict[str, list[Trace]] = defaultdict(list)
    for trace in traces:
        acts[trace.batch_id or trace.id].append(trace)
    return [
        [trace.id for trace in act]
        for act in acts.values()
        if all(trace.lead_id not in awake and _is_old(trace, before) for trace in act)
    ]


def archive_old(outbox: Outbox, leads: Leads, archive: Archive, before: datetime) -> Iterator[int]:
    """Move what may go into the archive, a step at a time; yields how many items went with each.

    The archive has a row on the disk before the outbox lets its item go. Between the two an id is in both,
    and the outbox counts.
    """
    for ids in _in_steps(archivable(outbox, leads, before)):
        items = [item for item in map(outbox.find, ids) if item is not None]
        archive.keep(map(Archived.of_item, items))
        yield outbox.release(items)


def expired(outbox: Outbox, leads: Leads, before: datetime, *, without: Collection[str] = ()) -> set[LeadId]:
    """Return the leads that may go if the CRM was last asked about them before a moment, else none.

    A fetch of changes says that all others are as they were: their age is that of the last fetch. Leads with
    something undelivered stay, but for the items `without`.
    """
    fetched_at = leads.note("fetched_at")
    if not fetched_at or datetime.fromisoformat(fetched_at) >= before:
        return set()
    return leads.ids() - _undelivered(outbox, without)


def gone_for_long(
    outbox: Outbox, leads: Leads, before: datetime, *, without: Collection[str] = ()
) -> set[LeadId]:
    """Return the leads that are no longer the rep's and were fetched before a moment."""
    old = {lead.lead_id for lead in leads.gone() if lead.fetched_at is None or lead.fetched_at < before}
    return old - _undelivered(outbox, without)


def drop_expired(outbox: Outbox, leads: Leads, before: datetime) -> int:
    """Drop the leads that are expired, bytes and all; returns how many went."""
    if not expired(outbox, leads, before):
        return 0
    with outbox.transaction():  # what another process decides meanwhile keeps its lead
        dropped = leads.expire(expired(outbox, leads, before), leads.note("fetched_at"))
    wipe(leads)
    return dropped


def drop_gone(outbox: Outbox, leads: Leads, before: datetime) -> int:
    """Drop leads that are no longer the rep's, once nothing stands on them or once they are old."""
    standing = {item.lead_id for item in outbox.standing()}
    idle = {lead.lead_id for lead in leads.gone()} - standing
    return leads.drop(idle | gone_for_long(outbox, leads, before))


def old_replies(outbox: Outbox, leads: Leads, before: datetime, *, without: Collection[str] = ()) -> set[str]:
    """Return the ids of old replies to what the outbox does not hold, or holds in the items `without`."""
    return {
        reply.reply_id
        for reply in leads.replies()
        if (reply.at is None or reply.at < before) and (reply.of in without or outbox.find(reply.of) is None)
    }


def wipe(store: Outbox | Leads, *, always: bool = False) -> None:
    """Take the bytes of what was removed out of the file, if there are any, or `always`."""
    owed = store.note(ERASED)
    if owed is None and not always:
        return
    store.db.compact()
    with store.db.transaction():
        if owed is not None and store.note(ERASED) == owed:  # else another process removed something since
            store.remember(ERASED, None)


def _undelivered(outbox: Outbox, without: Collection[str]) -> set[LeadId]:
    return {item.lead_id for item in outbox.in_states(UNDELIVERED) if item.id not in without}


def _is_old(trace: Trace, before: datetime) -> bool:
    return trace.state not in UNDELIVERED and trace.changed_at is not None and trace.changed_at < before


def _unaware(traces: Iterable[Trace], leads: Leads, among: AbstractSet[LeadId]) -> set[LeadId]:
    """Return the leads whose copy is older than a decision that took effect: it alone keeps them decided."""
    taken_at = leads.taken_at(among)
    return {
        trace.lead_id
        for trace in traces
        if trace.lead_id in taken_at
        and trace.kind == "decision"
        and trace.state in EFFECTIVE
        and not _knows(taken_at[trace.lead_id], trace.changed_at)
    }


def _knows(taken_at: datetime | None, changed_at: datetime | None) -> bool:
    return taken_at is not None and changed_at is not None and changed_at < taken_at


def _in_steps(acts: list[list[str]]) -> Iterator[list[str]]:
    """Put acts together to steps of about `AT_A_TIME` items; an act is never divided."""
    step: list[str] = []
    for ids in acts:
        step += ids
        if len(step) >= AT_A_TIME:
            yield step
            step = []
    if step:
        yield step
