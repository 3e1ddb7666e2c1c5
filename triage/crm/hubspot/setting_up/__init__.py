"""What a portal needs, and what a doctor finds in it."""
