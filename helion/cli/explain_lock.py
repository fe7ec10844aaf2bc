"""A kernel of a file, a call's argument types and a device in, which config such a call runs there and why out; nothing is run."""

from __future__ import annotations

import torch

from helion.cli.locks_of_text import kept_of_text, locks_of_text
from helion.cli.subject import check_subject, space_of
from helion.locks.entries import unsaid
from helion.locks.evidence import evidence_of_entry, kept_default
from helion.locks.explanation import Explanation
from helion.locks.identity import DeviceIdentity, identity_of_key
from helion.locks.selection import select
from helion.locks.staleness import remarks_of
from helion.runtime.devices import identity_of
from helion.signatures.notation import format_notation
from helion.target import DEFAULT_TARGET, find_target


def explain_lock(name: str, arguments: str | None, device: str | None, architecture: str | None) -> Explanation:
    """Raises Failure for a name or a signature that is none."""
    subject = check_subject(name, arguments, to_lower=True)
    kernel = subject.kernel
    identity = _identity(device, architecture)
    signature = arguments or format_notation([p.binding.type for p in subject.typed.parameters])
    entries = locks_of_text(kernel)
    found = select(entries, identity, signature)
    passed_over = tuple(dict.fromkeys(e.device for e in entries if e.device not in identity.keys))
    policy = subject.settings.on_missing
    known = kept_of_text(kernel) if found is None and policy == "tune" else ()
    kept = kept_default(known, kernel, identity.product, signature)
    if found is None and not kept:
        untold = unsaid(kernel)
        reason = f"no entry serves these arguments here: on_missing is {policy!r}"
        if untold is not None:
            reason = f"`{untold}` of its decorator may serve them: an import tells (`{kernel.name}.explain(...)`), the text does not"
        fails = (("error", "such a call raises helion.exc.NoConfigFound"),) if policy == "error" and untold is None else ()
        return Explanation(kernel.name, reason, None, signature, identity, remarks=fails, passed_over=passed_over)
    _, space = space_of(subject, find_target(identity.architecture) or DEFAULT_TARGET)
    evidence = kept if found is None else evidence_of_entry(kernel, found.entry)
    config = space.minimize(space.default()) if found is None else found.config
    reason = f"the default config: {kept.get('verdict', 'it was tuned and stays')}" if found is None else found.reason
    remarks = tuple((r.severity.value, r.words) for r in remarks_of(evidence, kernel, space, (identity.product,)))
    problems = tuple(("error", problem.message()) for problem in space.check(config))
    return Explanation(kernel.name, reason, config, signature, identity, found, evidence, (*problems, *remarks), passed_over)


def _identity(device: str | None, architecture: str | None) -> DeviceIdentity:
    if device is not None:
        return identity_of_key(device, architecture)
    return identity_of(torch.device("cuda")) if torch.cuda.is_available() else identity_of_key(DEFAULT_TARGET.name)
