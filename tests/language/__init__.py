"""Programs of the language: small kernels, one construct each, compared with plain torch on every way of running them."""
