"""What an organisation needs, and what a doctor finds in it."""
