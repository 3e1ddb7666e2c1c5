"""What stands at BottleCRM: the rep's leads, triage's own records on them, its custom fields."""
