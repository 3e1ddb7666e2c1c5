"""What all tests have in common: no authorities of the machine, and how often a law is tried that does not say so.

Each commit tries other examples, `make soak` very many.
"""

from __future__ import annotations

import os

from hypothesis import settings

for _name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
    os.environ.pop(_name, None)  # whom the machine trusts is not asked; each client would read the whole file

settings.register_profile("commit", max_examples=40)
settings.register_profile("soak", max_examples=400, deadline=None)
settings.load_profile("commit")
