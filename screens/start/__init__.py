"""The first moments: what the first paint needs, and what is loaded after it."""
