"""What a test may turn at an org: each says what this org allows, or how it behaves where the vendor leaves it open."""

from __future__ import annotations

from tests.salesforce.org.queries import PAGE


class Switches:
    """Plain settings with the ordinary org's values."""

    organization_id = "00D000000000001EAA"
    client_id = "3MVG9-triage"
    denies = False
    """Whether the user says no in the browser."""
    device_flow = True
    """Whether the app may use the device flow."""
    assertion_life = 180.0
    """Seconds from now that a signed assertion may be good for."""
    refuses_refresh = False
    """Whether the user has taken back what they granted."""
    session_trouble = ""
    """Words of a 401 that no renewal mends, answered to every call of the data API."""
    vague_userinfo = False
    """Whether userinfo answers a dead token with 403 Bad_OAuth_Token in place of 401."""
    daily_limit = 100_000
    used = 0
    limited_app = ""
    """Name of an app that has a limit of its own: the header of every answer says it too."""
    page_size = PAGE
    private = False
    """Whether a rep sees only their own leads and the queues'."""
    precondition = "honoured"
    """What If-Unmodified-Since is inside of composite requests: honoured, refused (400), or ignored."""
    escapes = True
    """Whether the words of errors inside of composite answers are written as for HTML."""
    converted_can_be_referred_to = False
    """Whether a new lookup may lead to a converted lead."""
    down = False
    """Whether every connection ends without an answer."""
