"""The terminal itself: what comes in, what goes out, and how it is left whole."""
