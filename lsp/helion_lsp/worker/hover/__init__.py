"""Typed and prepared kernels in, Markdown for the places of their text out; runs in the worker."""
