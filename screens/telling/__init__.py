"""From a key to feedback: what is said, who answers, what came of it."""
