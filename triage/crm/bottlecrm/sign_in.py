"""Signing in to BottleCRM: a personal access token, which is typed unseen.

It is made on its owner's profile page and shown there once. BottleCRM has no sign-in for programs, and no
token makes another one. It may do what the person may, within its scopes.
"""

from __future__ import annotations

from triage.crm.signing import Question

SCOPES = ("leads:read", "leads:write", "profile:read", "custom-fields:read", "org:read")
"""What a token needs; one without any scope listed may do all that its owner may."""
FOR_SETUP = "custom-fields:write"
"""What an admin's token needs besides, once, for `triage setup`."""
WHERE = (
    "In BottleCRM open your profile, then API tokens, and make one with the scopes "
    f"{', '.join(SCOPES)}; for `triage setup`, an admin's with {FOR_SETUP} too. "
    "Then sign in with it: `triage login`."
)

QUESTIONS: dict[str, tuple[Question, ...]] = {
    "": (
        Question("role", "What you are here: rep or marketing", "rep", optional=True),
        Question("ca_file", "File of your own certificate authority", optional=True),
    )
}
"""A token says whose it is, and nothing of what they do."""
