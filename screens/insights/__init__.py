"""The numbers for both teams, as a rep or a marketer reads them in the terminal."""
