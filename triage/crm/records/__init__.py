"""What triage leaves at a CRM that has no place of its own for decisions, and how it is read again. Pure."""
