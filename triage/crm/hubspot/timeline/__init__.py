"""Our notes on the timeline of leads and contacts: the record of each item, and how it is found again."""
