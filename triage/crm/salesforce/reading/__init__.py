"""Leads as a rep sees them: read from the org with their scores and what marketing did."""
