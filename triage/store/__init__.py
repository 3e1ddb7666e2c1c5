"""The local store: journals of checksummed records, TinyDB on them, and the one thread that touches both."""
