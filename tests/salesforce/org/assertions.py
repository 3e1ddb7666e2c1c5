"""The headless sign-in: a short-lived assertion, signed with the key whose certificate the org has."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.salesforce.org.errors import SignInRefusedError
from tests.salesforce.org.tokens import Family

if TYPE_CHECKING:
    from tests.salesforce.org.state import Org

AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
_WANTED = ["iss", "sub", "aud", "exp"]


@cache
def key_pair() -> tuple[str, str]:
    """Return a private and its public key as PEM, made once a process."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode("ascii"), public.decode("ascii")


def sign_in(org: Org, form: dict[str, str], base: str) -> Family:
    """Return an access token for an assertion; there is no refresh token in this flow."""
    claims = _claims(org, form.get("assertion", ""), base)
    if claims["exp"] > org.now().timestamp() + org.assertion_life:
        raise SignInRefusedError("invalid_grant", "assertion is valid for too long")
    if claims["iss"] not in org.clients:
        raise SignInRefusedError("invalid_client_id", "client identifier invalid")
    user = org.user_named(str(claims["sub"]))
    if user is None:
        raise SignInRefusedError("invalid_grant", "user hasn't approved this consumer")
    if user not in org.approved:
        raise SignInRefusedError("invalid_app_access", "user is not admin approved to access this app")
    return org.tokens.sign_in(user, str(claims["iss"]), "api")


def _claims(org: Org, assertion: str, base: str) -> dict[str, Any]:
    options: Any = {"require": _WANTED, "verify_iat": False}
    try:
        claims: dict[str, Any] = jwt.decode(
            assertion, org.public_key, algorithms=["RS256"], audience=[*AUDIENCES, base], options=options
        )
    except jwt.InvalidAudienceError as error:
        raise SignInRefusedError("invalid_grant", "audience is invalid") from error
    except jwt.ExpiredSignatureError as error:
        raise SignInRefusedError("invalid_grant", "expired authorization code") from error
    except jwt.InvalidSignatureError as error:
        raise SignInRefusedError("invalid_client", "invalid client credentials") from error
    except jwt.PyJWTError as error:
        raise SignInRefusedError("invalid_grant", "invalid assertion") from error
    return claims
