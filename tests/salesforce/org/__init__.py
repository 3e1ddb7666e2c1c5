"""A stand-in for one Salesforce org, written from the vendor's contract alone: it shares no code with triage.

`app(Org())` is an ASGI application. What the contract forbids is refused as the vendor refuses it, or collected in
`Org.broken_rules`. Where the contract leaves something open or only third parties have seen it, a switch says how
this org behaves (`switches.py`). Not confirmed against a live org: the code of a 412, whether a graph's node heeds
If-Unmodified-Since, the words of most errors, that a new lookup to a converted lead is refused, and that a graph
after the 14th failure (not after the 15th) is not begun.
"""

from tests.salesforce.org.routes import app
from tests.salesforce.org.state import Org

__all__ = ["Org", "app"]
