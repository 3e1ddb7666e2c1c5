"""The embedded CRM: a real HTTP server with seeded leads, the reference implementation of `contract.yaml`.

It shares no code with the adapter that talks to it. Only the command line and tests start it.
"""
