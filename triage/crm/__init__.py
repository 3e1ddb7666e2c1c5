"""The port to a CRM and its adapters. Only `http.py` in here speaks HTTP."""
