"""What bench.py measures, by topic; each function yields the rows of one table."""
