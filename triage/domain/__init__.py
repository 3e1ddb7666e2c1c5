"""Leads, scores, decisions and feedback as frozen values. No I/O, no clock, no logging in here."""
