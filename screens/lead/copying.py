"""What can be taken out of the app: an e-mail address, a link, a template; and the lead's page in the CRM.

Never opens an address that came from the CRM: a link is made of our own base address and the lead's id.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from screens.asking.questions import Option
from screens.cells import say
from screens.panels.glance import Glance
from triage.domain.filling import fill_in
from triage.domain.lead import Lead
from triage.links import record_link, web_address


def crm_link(url: str, lead: Lead) -> str:
    """Return the lead's address in the CRM, or an empty text where the profile has no http(s) address."""
    return record_link(url, lead.lead_id)


def can_open(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a browser can be seen from here: not over ssh, and with a display.

    `$BROWSER` may name one that runs inside this terminal: then the link is copied too.
    """
    if "SSH_CONNECTION" in environment or "SSH_TTY" in environment or environment.get("BROWSER"):
        return False
    return platform in ("darwin", "win32") or "DISPLAY" in environment or "WAYLAND_DISPLAY" in environment


def copy_options(glance: Glance, url: str, rep: str = "") -> list[Option]:
    """Return what can be copied of a lead, each by a digit; what the lead does not have is left out."""
    lead = glance.lead
    offers = (
        ("e-mail", say(lead.email)),
        ("phone", say(lead.phone)),
        ("profile", web_address(lead.profile_url)),
        ("CRM link", crm_link(url, lead)),
        ("line for the chat", chat_line(glance)),
        template(lead, rep),
    )
    found = [(label, text) for label, text in offers if text]
    return [
        Option(str(digit), label, (label, text), say(text, limit=60))
        for digit, (label, text) in enumerate(found, 1)
    ]


def chat_line(glance: Glance) -> str:
    """Return one line about the lead that can be pasted into a chat."""
    from screens.share import lead_line  # noqa: PLC0415 - the first paint does without

    return lead_line(glance)


def template(lead: Lead, rep: str = "") -> tuple[str, str]:
    """Return what the asset's template is called, with what it leaves open, and the text; empty if none."""
    if lead.asset is None or not lead.asset.template:
        return "template", ""
    filled = fill_in(lead.asset.template, lead, rep)
    left = ", ".join(f"{{{name}}}" for name in filled.missing)
    return f"template, {left} to be filled in" if left else "template", filled.text
