"""What marketing reads and answers, and what became of leads."""
