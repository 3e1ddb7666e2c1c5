"""What is on its way: the queue, its conflicts, and the ways out."""
