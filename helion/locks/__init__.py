"""Locked configs: which entry of a decorator serves a call, and the evidence for each; plain data, runs nothing."""
