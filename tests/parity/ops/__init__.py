"""Kernels of one operation each, with what torch gives for them."""
