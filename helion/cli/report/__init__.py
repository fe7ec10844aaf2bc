"""A trial log in, one self-contained HTML page out: what the tuner tried, what won, and which knobs mattered."""
