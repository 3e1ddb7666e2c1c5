"""Messages on leads: what people post, what Odoo makes of their HTML, and the changes that it notes by itself."""

from __future__ import annotations

import html
from html.parser import HTMLParser
from typing import Any

from tests.odoo.server.environment import Env, Records
from tests.odoo.server.fields import Row
from tests.odoo.server.problems import user_error, value_error
from tests.odoo.server.writing import made_of

NOTE, COMMENT, STAGE_CHANGED, LOST = 2, 1, 3, 4
SUBTYPES = {COMMENT: "Discussions", NOTE: "Note", STAGE_CHANGED: "Stage Changed", LOST: "Opportunity Lost"}
_XML_IDS = {"mail.mt_note": NOTE, "mail.mt_comment": COMMENT, "mt_note": NOTE, "mt_comment": COMMENT}
_TRACKED = ("stage_id", "user_id", "lost_reason_id", "active", "type", "team_id", "probability")
_DROPPED = ("script", "style", "iframe", "object", "form")
_ESCAPES_SINCE = 17


class _Sanitizer(HTMLParser):
    """Write the HTML anew, as a parser of the server's does: entities become characters, scripts go."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside += tag in _DROPPED
        if not self._inside:
            kept = "".join(f' {n}="{html.escape(v or "")}"' for n, v in attrs if not n.startswith("on"))
            self.parts.append(f"<{tag}{kept}>")

    def handle_endtag(self, tag: str) -> None:
        if not self._inside:
            self.parts.append(f"</{tag}>")
        self._inside -= tag in _DROPPED

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.parts.append(html.escape(data, quote=False))


def sanitized(body: str) -> str:
    writer = _Sanitizer()
    writer.feed(body)
    writer.close()
    written = "".join(writer.parts)
    return written if written.startswith("<") or not written else f"<p>{written}</p>"


def message_post(
    env: Env,
    records: Records,
    *,
    body: Any = "",
    subject: Any = None,
    message_type: Any = "notification",
    email_from: Any = None,
    author_id: Any = None,
    parent_id: Any = False,
    subtype_xmlid: Any = None,
    subtype_id: Any = False,
    partner_ids: Any = None,
    attachment_ids: Any = None,
    body_is_html: Any = False,
    **kwargs: Any,
) -> Records | int:
    """Post on one record. Without `body_is_html` the tags are shown as text, since 17."""
    (row,) = _one(env, records)
    if message_type == "user_notification" or kwargs:
        raise value_error("Posting: those arguments are not for this method")
    if not email_from and not env.user["email"]:
        raise user_error("Unable to send message, please configure the sender's email address.")
    subtype = subtype_id or _XML_IDS.get(subtype_xmlid or "mail.mt_note")
    if subtype is None:
        raise value_error(f"External ID not found in the system: {subtype_xmlid}")
    escapes = not body_is_html and env.state.major >= _ESCAPES_SINCE
    if subtype == COMMENT:
        env.state.broken_rules.append(f"a message for customers on {row['id']}: not a note")
    values = {
        "body": sanitized(html.escape(str(body), quote=False) if escapes else str(body)),
        "subject": subject,
        "message_type": message_type,
        "parent_id": parent_id,
        "email_from": email_from or f'"{env.user["name"]}" <{env.user["email"]}>',
        "partner_ids": [[6, 0, list(partner_ids or [])]],
    }
    author = author_id or env.user["partner_id"]
    posted = put(env, row, author, subtype, values)
    return Records(env["mail.message"], (posted["id"],)) if env.state.major >= 19 else posted["id"]


def _one(env: Env, records: Records) -> list[Row]:
    """A message is posted on one record, by who may change it."""
    if len(records.ids) != 1:
        raise value_error(f"Expected singleton: {records.model.name}{records.ids}")
    return env.rows_of(records, "write")


def put(env: Env, row: Row, author: int, subtype: int, values: Row) -> Row:
    """Insert a message about a record, above the rules."""
    placed = {"model": row["_model"], "res_id": row["id"], "date": env.state.now, "author_id": author}
    told = {"subtype_id": subtype, "is_internal": subtype == NOTE}
    return made_of(env.above, env["mail.message"], {**placed, **told, **values})


def note_changes(env: Env, row: Row, before: Row) -> None:
    """Post what changed of the fields that are followed, as Odoo does by itself."""
    changed = [name for name in _TRACKED if before.get(name) != row[name]]
    if not changed:
        return
    subtype = (
        LOST
        if "active" in changed and not row["active"]
        else STAGE_CHANGED
        if "stage_id" in changed
        else NOTE
    )
    said = {"message_type": "notification", "body": "", "email_from": env.user["email"]}
    posted = put(env, row, env.user["partner_id"], subtype, said)
    for name in changed:
        values = {"old_value_char": str(before.get(name) or ""), "new_value_char": str(row[name] or "")}
        tracked = made_of(env.above, env["mail.tracking.value"], {**values, "mail_message_id": posted["id"]})
        posted["tracking_value_ids"] = [*posted["tracking_value_ids"], tracked["id"]]


def forget(env: Env, row: Row) -> None:
    """What hung on a lead that is gone goes with it."""
    for name, key in (("mail.message", "model"), ("mail.activity", "")):
        model = env[name]
        hung = [one for one in model.rows.values() if one["res_id"] == row["id"]]
        for one in hung:
            if not key or one[key] == row["_model"]:
                env.state.tables.remove(model, one["id"])


def activity_schedule(  # noqa: PLR0917 - the vendor's own arguments
    env: Env,
    records: Records,
    act_type_xmlid: Any = "",
    date_deadline: Any = None,
    summary: Any = "",
    note: Any = "",
    **act_values: Any,
) -> Records:
    """Plan something to do on each record."""
    model = next(one for one in env["ir.model"].rows.values() if one["model"] == records.model.name)
    made = []
    for row in env.rows_of(records, "write"):
        values = {"res_model_id": model["id"], "res_id": row["id"], "summary": summary, "note": note}
        values |= {"date_deadline": date_deadline or env.state.now.date(), "user_id": env.uid, **act_values}
        made.append(made_of(env, env["mail.activity"], values)["id"])
    return Records(env["mail.activity"], tuple(made))
