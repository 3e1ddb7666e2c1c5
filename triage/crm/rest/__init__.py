"""The adapter for a CRM that speaks triage's open contract (`triage/embedded/contract.yaml`)."""

from triage.crm.rest.adapter import RestCrm

__all__ = ["RestCrm"]
