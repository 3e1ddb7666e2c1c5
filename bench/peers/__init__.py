"""The same work in other programs: moving the cursor down a long list, in turn with ours.

They are installed by `python -m bench.peers` into environments of their own and never into ours.
"""

from bench.peers.race import ratios

__all__ = ["ratios"]
