"""One step of an element's function in, the same step out for a GPU whose library of functions lacks what Inductor writes."""

from __future__ import annotations

import re

from helion.device_ir.element_code import Step
from helion.target import Target

# A product that is rounded before it is added to something; AMD's compiler contracts none that Triton did not ask it to.
_ROUNDED_PRODUCT = re.compile(r"libdevice\.mul_rn\((\{\w+\}), (\{\w+\})\)")


def available(step: Step, target: Target) -> str:
    """The step's template with functions that the target has."""
    return step.template if target.vendor == "cuda" else _ROUNDED_PRODUCT.sub(r"(\1 * \2)", step.template)
