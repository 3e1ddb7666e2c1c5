"""Twelve weeks before the demo began: leads, decisions, feedback, replies and what became of them.

All invented, deterministic by seed. Nothing in it is the first rep's to pull.
"""
