"""What marketing answered."""
