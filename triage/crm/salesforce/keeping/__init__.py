"""How an item is kept in an org: as a row of the custom object, or as a task where there is none."""
