"""Every operation with all its facets: public stub, types, tuning limits, masks, code, reference; knows contexts, never engines."""
