"""What a lead's brief is made of, one panel a file: pure functions from a lead to lines."""
