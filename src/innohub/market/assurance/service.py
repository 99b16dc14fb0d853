"""The assurance passport: suppliers declare items once, the market's officer verifies them once,
and each force says what it makes of them."""

from innohub.market.assurance.amendments import approve
from innohub.market.assurance.answering import respond
from innohub.market.assurance.covering import Coverage, Gate, covered, gates, missing
from innohub.market.assurance.declaring import add_evidence, declare_item, submit
from innohub.market.assurance.expiring import WARNINGS, watch
from innohub.market.assurance.judging import reinstate, reject_item, verify_item
from innohub.market.assurance.proving import remove_evidence, upload_evidence
from innohub.market.assurance.requirements import label_of, unmet

__all__ = [
    "WARNINGS", "Coverage", "Gate", "add_evidence", "approve", "covered", "declare_item", "gates",
    "label_of", "missing", "reinstate", "reject_item", "remove_evidence", "respond", "submit",
    "unmet", "upload_evidence", "verify_item", "watch",
]  # fmt: skip
