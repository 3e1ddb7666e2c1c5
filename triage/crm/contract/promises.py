"""What every adapter promises, as tests. Subclass `CrmContract`, give it a `stage`, and run pytest."""

from __future__ import annotations

from triage.crm.contract.marketing import MarketingContract
from triage.crm.contract.reading import ReadingContract
from triage.crm.contract.writing import WritingContract


class CrmContract(ReadingContract, WritingContract, MarketingContract):
    """The promises of `triage.crm.port.Crm`. Each test takes leads that no other test has touched."""
