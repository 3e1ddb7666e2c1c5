"""Marketing's side: what it reviews, its answers, written or typed, and what became of leads."""
