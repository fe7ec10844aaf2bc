"""Diagnostics with the kernel around them in, fixes that need it and places that explain them out; none is safe to apply unasked."""
