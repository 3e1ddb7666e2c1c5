"""The themes. Owns colours: each says only what a sign or a word says too, so that one theme has none."""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import Theme

from screens.ink import Look

DARK = Look(
    name="dark",
    dark=True,
    ground="#15171c",
    raised="#1d2027",
    cursor="#263043",
    text="#d5d9e0",
    dim="#98a0af",
    faint="#747c8c",
    accent="#83aaf5",
    good="#96c97c",
    warn="#e3b36b",
    bad="#f2808f",
)
LIGHT = Look(
    name="light",
    dark=False,
    ground="#fbfaf8",
    raised="#f0eeea",
    cursor="#dfe8f8",
    text="#22262e",
    dim="#5f6673",
    faint="#7b818c",
    accent="#1f55b5",
    good="#2c6b1f",
    warn="#8a5200",
    bad="#b01e36",
)
CONTRAST = Look(
    name="contrast",
    dark=True,
    ground="#000000",
    raised="#000000",
    cursor="#002f73",
    text="#ffffff",
    dim="#e0e0e0",
    faint="#b0b0b0",
    accent="#7fd4ff",
    good="#5dff7f",
    warn="#ffd84a",
    bad="#ffb0b0",
)
CONTRAST_LIGHT = Look(
    name="contrast-light",
    dark=False,
    ground="#ffffff",
    raised="#ffffff",
    cursor="#d6e4ff",
    text="#000000",
    dim="#2b2b2b",
    faint="#5a5a5a",
    accent="#00359e",
    good="#004d1a",
    warn="#5c3300",
    bad="#8a0018",
)
NO_COLOUR = Look(
    name="no-colour",
    dark=True,
    ground="",
    raised="",
    cursor="",
    text="",
    dim="",
    faint="",
    accent="",
    good="",
    warn="",
    bad="",
)
"""The terminal's own two colours: bold, faint and reversed is all there is."""
LOOKS: Mapping[str, Look] = {look.name: look for look in (DARK, LIGHT, CONTRAST, CONTRAST_LIGHT, NO_COLOUR)}
IN_WORDS: Mapping[str, str] = {
    DARK.name: "Light on dark.",
    LIGHT.name: "Dark on light.",
    CONTRAST.name: "High contrast, light on black.",
    CONTRAST_LIGHT.name: "High contrast, dark on white.",
    NO_COLOUR.name: "No colours at all: the terminal's own two, bold and faint.",
}
_TERMINALS_OWN = "ansi_default"
_PLAIN_VARIABLES = {"ansi-background": _TERMINALS_OWN, "ansi-foreground": _TERMINALS_OWN}
"""What the toolkit's own style sheet asks of a theme without colours of its own."""


def theme_of(look: Look) -> Theme:
    """Return a look as the toolkit's theme, for what it draws itself: the ground behind our lines."""
    text, ground = look.text or _TERMINALS_OWN, look.ground or _TERMINALS_OWN
    raised, accent = look.raised or ground, look.accent or text
    return Theme(
        name=look.name,
        primary=accent,
        secondary=look.dim or text,
        warning=look.warn or text,
        error=look.bad or text,
        success=look.good or text,
        accent=accent,
        foreground=text,
        background=ground,
        surface=raised,
        panel=raised,
        boost=raised if look.is_colourless else None,
        dark=look.dark,
        ansi=look.is_colourless,
        variables=_PLAIN_VARIABLES if look.is_colourless else {},
    )


def chosen(name: str, environment: Mapping[str, str]) -> str:
    """Return the theme to draw in: NO_COLOR wins whatever it says, then the one named, else the dark one."""
    if refuses_colour(environment):
        return NO_COLOUR.name
    return name if name in LOOKS else DARK.name


def refuses_colour(environment: Mapping[str, str]) -> bool:
    """Whether the environment asks every program for no colour."""
    return bool(environment.get("NO_COLOR"))


def theme_words(name: str, shown: str, problem: str) -> str:
    """Say which theme is drawn now, and whether it is remembered."""
    if problem:
        return f"Theme: {shown}, for now only. {problem}"
    if name != shown:
        return f"{name} is remembered; NO_COLOR is set, so no colours are drawn here."
    return f"Theme: {shown}. It is remembered."
