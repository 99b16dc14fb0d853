"""What a second analyst needs to get the same number: the inputs, hashed, and the libraries."""

import hashlib
import json
import platform
from dataclasses import asdict
from functools import cache
from importlib.metadata import version

from innohub.market.evidence.estimators.result import NONE_KNOWN, Assumptions
from innohub.market.evidence.estimators.supplied import Supplied
from innohub.market.evidence.estimators.trial import TrialData

LIBRARIES = ("innohub", "numpy", "scipy", "statsmodels")


def inputs_hash(
    data: TrialData | Supplied, design: str, method: str, assumptions: Assumptions = NONE_KNOWN
) -> str:
    """SHA-256, in hexadecimal, over the canonical JSON of everything the effect depends on."""
    inputs = {
        "kpi_type": data.kpi_type,
        "design": str(design),
        "method": str(method),
        "assumptions": asdict(assumptions),
        "cells": data.rows(),
    }
    canonical = json.dumps(
        inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def library_versions() -> dict[str, str]:
    """Version by name, of Python and of each library the numbers come from."""
    return {"python": platform.python_version()} | {name: _version(name) for name in LIBRARIES}


@cache
def _version(name: str) -> str:
    # Read from the package's files, which took longer than any analysis.
    return version(name)
