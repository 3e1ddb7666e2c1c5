"""Speed as ratios against something run beside it in the same minute: `make bench`. Never in the tests."""
