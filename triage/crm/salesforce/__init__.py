"""The adapter for Salesforce: Lead, the object Lead_Triage_Decision__c, and the REST API."""

from triage.crm.salesforce.adapter import SalesforceCrm

__all__ = ["SalesforceCrm"]
