"""The kernel as FX graphs, one per basic block, with what can be tuned about them; knows nothing of any config or of Triton text."""
