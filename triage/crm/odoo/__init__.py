"""The adapter for Odoo: leads, scores and marketing context in; decisions and feedback back."""

from triage.crm.odoo.adapter import OdooCrm

__all__ = ["OdooCrm"]
