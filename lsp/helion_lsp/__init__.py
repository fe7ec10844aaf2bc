"""The language server: documents in, what the compiler knows of their kernels out; adds only what a Python server cannot know."""
