"""A kernel's locks in, one Python file that needs torch and triton only out: a variant for each, and a function that picks one."""
