"""The themes: dark, light and high contrast. Owns colours; each says only what a sign or word says too."""

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
    faint="#555c6b",
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
    faint="#a3a8b2",
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
    cursor="#003a8c",
    text="#ffffff",
    dim="#e0e0e0",
    faint="#b0b0b0",
    accent="#7fd4ff",
    good="#5dff7f",
    warn="#ffd84a",
    bad="#ff8c8c",
)
LOOKS: Mapping[str, Look] = {look.name: look for look in (DARK, LIGHT, CONTRAST)}


def theme_of(look: Look) -> Theme:
    """Return a look as the toolkit's theme, for what it draws itself (the palette)."""
    return Theme(
        name=look.name,
        primary=look.accent,
        secondary=look.dim,
        warning=look.warn,
        error=look.bad,
        success=look.good,
        accent=look.accent,
        foreground=look.text,
        background=look.ground,
        surface=look.raised,
        panel=look.raised,
        dark=look.dark,
    )


def chosen(name: str, environment: Mapping[str, str]) -> str:
    """Return the theme to start with: the one named, else by what the terminal says of its background.

    COLORFGBG ("15;0": foreground; background) is what rxvt, Konsole and others set; 7 and 15 are light.
    """
    if name in LOOKS:
        return name
    background = environment.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT.name if background in ("7", "15") else DARK.name
