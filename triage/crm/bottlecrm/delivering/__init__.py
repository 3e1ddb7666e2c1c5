"""Decisions and feedback on their way to BottleCRM: judged, written in one request, and told in a comment."""
