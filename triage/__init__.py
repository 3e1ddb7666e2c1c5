"""triage: assigned leads, decided in the terminal, delivered to the CRM exactly once."""

__version__ = "0.1.0"
