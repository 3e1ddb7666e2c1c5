"""One lead: the brief beside the list, and the page in full."""
