"""A stand-in for BottleCRM that answers as the server does, over real HTTP with `tests.serving.served`."""

from tests.bottlecrm.shop.application import App, app
from tests.bottlecrm.shop.shop import Shop, Standing

__all__ = ["App", "Shop", "Standing", "app"]
