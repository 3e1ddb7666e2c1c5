"""Decisions and feedback on their way to Odoo: judged on what stands there, written, noted in the chatter."""
