"""Tests of gradients of kernels."""
