"""What an org needs, and what a doctor finds in it."""
