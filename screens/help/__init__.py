"""Help for where the rep is."""
