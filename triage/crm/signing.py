"""Ways of signing in beside a token that is typed: what an adapter offers, and what comes of it.

An adapter offers them as the static mapping `ways`, name to Way. One whose token another program keeps (or
makes anew each time) has a static `borrow(url, **options) -> Tokens | None` too: it blocks, is asked in the
place of the keyring, and None says that the keyring has it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct, field

from triage.crm.bearer import Tokens

WAY = "way"
"""The option in which a profile remembers how one signed in."""
Say = Callable[[str], None]
"""Tells the person at the terminal a line: an address to open, a code to type."""


class Granted(Struct, frozen=True):
    """What a sign-in came to."""

    url: str
    """Where the account's API is."""
    tokens: Tokens | None = None
    """What the keyring is to keep; None where each run borrows its token."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What the profile is to remember. Never a secret."""


Way = Callable[[str, Mapping[str, str], Say], Awaitable[Granted]]
"""Signs in at an address with a profile's options. CrmError; UsageError names the option that is missing."""


class Question(Struct, frozen=True):
    """One option that a sign-in needs to know, as a terminal asks for it.

    An adapter says them as the static mapping `questions`, by the name of the way; the empty name is a token
    that is typed. An option that only its questions name is not given to the adapter itself.
    """

    option: str
    words: str
    default: str = ""
    optional: bool = False
    """Not asked for: whoever needs another value says `--option`."""
    secret: bool = False
    """Typed unseen, kept in the keyring, never an option of a profile. May be empty."""
