"""The same kernel, run eagerly by Python and torch on real tensors: the meaning that generated code is held against."""
