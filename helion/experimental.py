"""`helion.experimental`: what may still change. Gradients of kernels, computed by kernels that are derived from them."""

from __future__ import annotations

from helion.runtime.gradients import backward, gradient_kernel

__all__ = ["backward", "gradient_kernel"]
