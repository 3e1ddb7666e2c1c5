"""Signing in at an identity provider (OAuth 2): in a browser, with a code typed elsewhere, and renewing.

Knows no CRM and keeps nothing: what a provider gives goes to whoever asked.
"""
