"""Kernels beside what else there is for the same work: one workload a file, one runner."""
