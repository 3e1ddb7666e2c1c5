"""Delivering what the rep said, and fetching what the CRM has. Durable before every step, once at the CRM."""
