"""Marketing's review: what sales told it, put together, and answered."""
