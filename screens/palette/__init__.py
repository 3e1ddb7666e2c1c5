"""Actions, views, themes and leads by name."""
