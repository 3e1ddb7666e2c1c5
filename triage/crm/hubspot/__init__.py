"""The adapter for HubSpot: leads, scores and marketing context in; decisions and feedback back."""

from triage.crm.hubspot.adapter import HubSpotCrm

__all__ = ["HubSpotCrm"]
