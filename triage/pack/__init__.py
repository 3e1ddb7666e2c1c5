"""The pack for the meeting of both teams: insights and lists of one period, in four formats."""
