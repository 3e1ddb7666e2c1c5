"""What a database needs, and what a doctor finds in it."""
