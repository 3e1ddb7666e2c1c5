"""A stand-in for Odoo that keeps to its documented contract, over real HTTP with `tests.serving.served`."""

from tests.odoo.server.application import App, app
from tests.odoo.server.odoo import Odoo, Standing

__all__ = ["App", "Odoo", "Standing", "app"]
