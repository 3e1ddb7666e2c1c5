"""Ways of signing in beside a token that is typed: what an adapter offers, and what comes of it.

An adapter offers them as the static mapping `ways`, name to Way. One whose token another program keeps (or
makes anew each time) has a static `borrow(url, **options) -> Tokens | None` too: it blocks, is asked in the
place of the keyring, and None says that the keyring has it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct, field

from triage.crm.bearer import Tokens

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
