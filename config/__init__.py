"""Settings, paths, credentials and the shipped defaults, for the composition root; nothing below reads it."""
