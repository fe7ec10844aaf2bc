"""Random well-typed kernels: their text and arguments are drawn from a seed, and every way of running them must agree."""
