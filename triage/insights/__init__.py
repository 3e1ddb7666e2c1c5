"""Numbers for both teams: each with its denominator, its formula and the leads it counts. Pure."""
