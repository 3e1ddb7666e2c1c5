"""What marketing did: campaign, the touch that tipped it, programme, the asset with what to say about it."""

from __future__ import annotations

from rich.style import Style

from screens.cells import Line, crop, say, width_of, wrap
from screens.panels.glance import Glance
from screens.words import ago, day
from triage.domain.review import BandStatistics
from triage.domain.share import ENOUGH, accepted_in_words
from triage.domain.touch import Touch

LABEL = 10
"""Cells of the word in front of each fact."""


def fact(glance: Glance, label: str, text: str, after: str = "", style: Style | None = None) -> Line:
    """Return a labelled fact on one line; `after` follows in a paler style where there is room."""
    ink = glance.ink
    line = Line(f"{label:<{LABEL}}", ink.dim).add(crop(text, glance.width - LABEL), style or ink.text)
    room = glance.width - line.width
    least = 12
    return line.add(crop(f" · {after}", room), ink.dim) if after and room > least else line


def moment_line(glance: Glance) -> Line | None:
    """Return the one interesting moment."""
    moment = say(glance.lead.moment)
    if not moment:
        return None
    return Line("★ ", glance.ink.accent).add(crop(moment, glance.width - 2), glance.ink.strong)


def campaign_line(glance: Glance) -> Line | None:
    """Return the last campaign in human words (or under its raw name), and how its source does."""
    if glance.lead.campaign is None:
        return source_line(glance)
    words = campaign_words(glance)
    source = _source_within(glance, _room_beside(glance, words))
    return fact(glance, "campaign", words, source)


def campaign_and_band_line(glance: Glance) -> tuple[Line | None, bool]:
    """Return the same, with how the band does where there is room for it too; and whether there was."""
    line = campaign_line(glance)
    told = band_briefly(glance, glance.width - line.width - 3) if line is not None else None
    if line is None or told is None:
        return line, False
    return line.add(" · ", glance.ink.dim).add(*told), True


def _room_beside(glance: Glance, words: str) -> int:
    return glance.width - LABEL - width_of(words) - 3


def _source_within(glance: Glance, room: int) -> str:
    forms = (source_words(glance), _source_briefly(glance, "accepted"), _source_briefly(glance))
    return next((form for form in forms if width_of(form) <= room), say(glance.lead.source))


def campaign_words(glance: Glance) -> str:
    """Return what a person calls the campaign, or its raw name where that is asked for."""
    campaign = glance.lead.campaign
    if campaign is None:
        return ""
    return say(campaign.name if glance.raw_names else campaign.words)


def source_line(glance: Glance) -> Line | None:
    """Return the source, and how its leads fared: paler where so few say no more than a direction."""
    if not glance.lead.source:
        return None
    found = glance.statistics.get(glance.lead.source)
    if found is None or not found.decided:
        none = "none decided yet" if glance.provided.statistics else f"figures {say(glance.provided.lacking)}"
        return fact(glance, "source", source_words(glance), none)
    paler = found.decided < ENOUGH
    return fact(glance, "source", source_words(glance), style=glance.ink.dim if paler else None)


def band_line(glance: Glance) -> Line | None:
    """Return how the team fared with leads of this band; None where nobody counts, or the score is hidden."""
    found = _band_statistics(glance)
    if found is None:
        return None
    style = glance.ink.dim if found.decided < ENOUGH else None
    return fact(glance, crop(f"band {say(found.band)}", LABEL - 1), accepted_in_words(found), style=style)


def band_briefly(glance: Glance, room: int) -> tuple[str, Style] | None:
    """Return the same in little room: "band B: 45% of 58 accepted"; None where it does not fit."""
    found = _band_statistics(glance)
    if found is None:
        return None
    share = f"{found.accepted / found.decided:.0%} of {found.decided}"
    name = crop(say(found.band), 8)
    said = (f"{name}: {share} accepted", f"{name}: {share}")
    forms = (f"band {said[0]}", said[0], f"band {said[1]}", said[1])
    told = next((form for form in forms if width_of(form) <= room), "")
    return (told, glance.ink.dim if found.decided < ENOUGH else glance.ink.text) if told else None


def _band_statistics(glance: Glance) -> BandStatistics | None:
    score = glance.lead.score
    found = glance.bands.get(score.band) if score is not None else None
    return found if found is not None and found.decided > 0 else None


def source_words(glance: Glance) -> str:
    """Return "webinar, 90 d: 34% accepted, n=58, 24–47%"; few decisions are a direction only."""
    source, found = say(glance.lead.source), glance.statistics.get(glance.lead.source)
    if found is None or not found.decided:
        return source
    return f"{source}, {accepted_in_words(found)}"


def _source_briefly(glance: Glance, of_what: str = "") -> str:
    """Return "webinar 34% of 58 accepted": the share never without what it is of."""
    source, found = say(glance.lead.source), glance.statistics.get(glance.lead.source)
    if found is None or not found.decided:
        return source
    return f"{source} {found.accepted / found.decided:.0%} of {found.decided} {of_what}".rstrip()


def tipping_line(glance: Glance) -> Line | None:
    """Return the touch that made it an MQL."""
    touch = glance.lead.touch("tipping")
    return fact(glance, "tipped by", touch_words(touch), ago(touch.at, glance.now)) if touch else None


def touch_words(touch: Touch) -> str:
    """Return what a touch was, in words."""
    words = say(touch.summary) or " ".join(
        part for part in (say(touch.kind), say(touch.asset) or say(touch.campaign)) if part
    )
    return f"{words} ({say(touch.channel)})" if touch.channel else words


def nurture_line(glance: Glance) -> Line | None:
    """Return programme, step and next mail."""
    nurture = glance.lead.nurture
    if nurture is None:
        return None
    step = f" {nurture.step}/{nurture.steps}" if nurture.step is not None and nurture.steps else ""
    following = ""
    if nurture.next_mail:
        when = f"{day(nurture.next_mail_at, glance.now)} " if nurture.next_mail_at else ""
        following = f"next {when}“{say(nurture.next_mail)}”"
    return fact(glance, "nurture", f"{say(nurture.programme)}{step}", following)


def absent_lines(glance: Glance) -> list[Line]:
    """Return what marketing says nothing of, and whether it could: "none", or "not provided by HubSpot"."""
    lead, provided = glance.lead, glance.provided
    lacking = "none" if provided.timeline else say(provided.lacking)
    missing = (("touches", lead.touches), ("nurture", lead.nurture))
    return [fact(glance, label, lacking, style=glance.ink.dim) for label, there in missing if not there]


def asset_lines(glance: Glance, rows: int) -> list[Line]:
    """Return the asset with its pitch and the questions to ask, in `rows` lines at most (0 = all)."""
    asset = glance.lead.asset
    if asset is None:
        return []
    if rows:
        asked = [say(one) for one in asset.questions]
        return _short_asset(glance, say(asset.title), say(asset.pitch), asked, rows)
    title = f"{say(asset.title)} ({say(asset.kind)})" if asset.kind else say(asset.title)
    lines = [fact(glance, "asset", title)]
    lines.extend(_told(glance, "", say(asset.pitch, limit=600)))
    for question in asset.questions:
        lines.extend(_told(glance, "? ", say(question)))
    return lines


def _short_asset(glance: Glance, title: str, pitch: str, questions: list[str], rows: int) -> list[Line]:
    room = glance.width - LABEL
    if pitch and width_of(title) + width_of(pitch) + 3 > room:  # each of them begins, at least
        title = crop(title, max(room * 3 // 5, room - width_of(pitch) - 3))
    lines = [fact(glance, "asset", title, pitch)]
    for index in range(min(rows - 1, len(questions))):
        last = index == rows - 2
        asked = questions[index:] if last else questions[index : index + 1]
        label = "ask" if index == 0 else ""
        lines.append(fact(glance, label, "  ".join(f"“{one}”" for one in asked)))
    return lines


def _told(glance: Glance, sign: str, text: str) -> list[Line]:
    if not text:
        return []
    ink, indent = glance.ink, " " * LABEL
    first, *rest = wrap(text, glance.width - LABEL - len(sign))
    lines = [Line(indent, ink.dim).add(sign, ink.accent).add(first, ink.text)]
    lines.extend(Line(indent + " " * len(sign), ink.dim).add(part, ink.text) for part in rest)
    return lines
