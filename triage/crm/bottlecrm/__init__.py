"""The adapter for BottleCRM: leads in; decisions, feedback and answers back."""

from triage.crm.bottlecrm.adapter import BottleCrm

__all__ = ["BottleCrm"]
