"""Leads as a rep sees them: read from HubSpot with their contacts, scores and what marketing did."""
