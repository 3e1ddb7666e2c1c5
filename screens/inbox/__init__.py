"""The list of leads: what lies before the rep, in which order, and how it is drawn."""
