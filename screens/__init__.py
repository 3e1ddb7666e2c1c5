"""What a rep looks at: the terminal app. Never writes a file, speaks to a CRM or decides what is allowed."""

import os

# Textual reads it when it is imported: what a message changes is painted 7 ms after the key, not 24.
os.environ.setdefault("TEXTUAL_FPS", "240")
