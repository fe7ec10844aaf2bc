"""One search strategy a file: what to try next, from what was tried; they see configs and times, never kernels or processes."""
