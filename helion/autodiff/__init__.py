"""Gradients of kernels: the typed kernel of a forward in, the text of the kernel that computes its gradient out."""
