"""A stand-in for HubSpot that keeps to its documented contract, over real HTTP with `tests.serving.served`."""

from tests.hubspot.portal.application import App, app
from tests.hubspot.portal.happenings import BY_A_WORKFLOW, IN_THE_BROWSER
from tests.hubspot.portal.portal import Portal, Standing

__all__ = ["BY_A_WORKFLOW", "IN_THE_BROWSER", "App", "Portal", "Standing", "app"]
