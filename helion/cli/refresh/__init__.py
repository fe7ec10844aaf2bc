"""Refreshing locks: what there is (audit), what is to be done (plan), doing it here or on many machines, and writing it once."""
