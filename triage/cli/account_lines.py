"""The account and the asset of a lead for `show`: in words, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triage.cli.output import plain
from triage.domain.filling import fill_in
from triage.domain.lead import Lead


def account_shape(lead: Lead, here: Mapping[str, bool]) -> dict[str, Any]:
    """Return the account as `show --json` prints it; `open` is null of who is not on the rep's list."""
    account: dict[str, Any] = plain(lead.account)
    for one in account["siblings"]:
        one["open"] = here.get(one["lead_id"])
    return {"account": {**account, "open_siblings": sum(bool(one["open"]) for one in account["siblings"])}}


def asset_shape(lead: Lead, rep: str) -> dict[str, Any]:
    """Return the asset with its template filled in, and what is left open in it; null where there is none."""
    if lead.asset is None:
        return {"asset": None}
    filled = fill_in(lead.asset.template, lead, rep) if lead.asset.template else None
    return {
        "asset": {
            **plain(lead.asset),
            "template_filled": filled.text if filled else None,
            "template_missing": list(filled.missing) if filled else [],
        }
    }


def account_lines(lead: Lead, here: Mapping[str, bool]) -> list[str]:
    """Return what is known of the account, a line each."""
    account = lead.account
    lines = [f"DUP of    {account.duplicate_of.words}"] if account.duplicate_of is not None else []
    lines += ["account   do not contact"] if account.do_not_contact else []
    lines += [f"account   {account.name or lead.company}, a customer"] if account.customer else []
    lines += [f"open deal {account.open_opportunity}"] if account.open_opportunity else []
    if colleagues := account.colleagues:
        waiting = sum(here.get(one.lead_id, False) for one in colleagues)
        lines.append(f"also here {len(colleagues)}, {waiting} open on your list")
        lines += [f"  {one.name} {one.lead_id}{_where(here.get(one.lead_id))}" for one in colleagues]
    return lines


def asset_lines(lead: Lead, rep: str) -> list[str]:
    """Return the asset with its pitch, its questions and the template, ready to be sent."""
    asset = lead.asset
    if asset is None:
        return []
    lines = [f"asset     {asset.title}{f' ({asset.kind})' if asset.kind else ''}"]
    lines += [f"  {asset.pitch}"] if asset.pitch else []
    lines += [f"  ? {one}" for one in asset.questions]
    if asset.template:
        filled = fill_in(asset.template, lead, rep)
        left = f", to be filled in: {', '.join(filled.missing)}" if filled.missing else ""
        lines += [f"template{left}", *(f"  {line}" for line in filled.text.split("\n"))]
    return lines


def _where(is_open: bool | None) -> str:
    if is_open is None:
        return ""
    return ", open on your list" if is_open else ", decided"
