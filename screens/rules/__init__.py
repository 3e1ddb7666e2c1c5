"""What both teams agreed on, and what changed in it."""
