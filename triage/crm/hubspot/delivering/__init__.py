"""Decisions and feedback on their way to HubSpot: judged, written in parts, and made whole."""
