"""The result of checking: a typed tree with spans, diagnostics and facts; knows nothing of how it was found or how it is lowered."""
