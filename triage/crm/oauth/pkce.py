"""What proves that the sign-in that comes back is the one that was begun (RFC 7636).

Verifier, challenge and state. Pure but for the random numbers. Neither of them is ever shown.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256

from triage.redaction import hide

_VERIFIER_BYTES = 64
"""86 characters; the RFC allows 43 to 128."""
_STATE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Proof:
    """One sign-in's own secrets; good once."""

    verifier: str = field(repr=False)
    """Goes to the token endpoint only."""
    state: str = field(repr=False)
    """Goes through the browser and has to come back."""

    @classmethod
    def fresh(cls) -> Proof:
        """Return a proof that nobody can guess, and keep it out of logs."""
        proof = cls(secrets.token_urlsafe(_VERIFIER_BYTES), secrets.token_urlsafe(_STATE_BYTES))
        hide(proof.verifier)
        hide(proof.state)
        return proof

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier: its SHA-256 in base64url without padding (S256)."""
        return urlsafe_b64encode(sha256(self.verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
