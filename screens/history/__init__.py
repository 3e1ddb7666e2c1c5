"""What the rep decided today."""
