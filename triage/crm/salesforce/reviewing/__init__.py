"""Marketing's side: what it reviews, its answers, recorded or typed, and what became of leads."""
