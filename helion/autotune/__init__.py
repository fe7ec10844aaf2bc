"""A config space and a way to judge configs in, the best config and the evidence for it out; does not know who asks or where it is kept."""
