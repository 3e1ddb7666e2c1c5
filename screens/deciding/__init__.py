"""From a key to a decision: what it needs, what it meets, what follows from it."""
