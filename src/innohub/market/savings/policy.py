"""Who sees what of the ledger.

What is signed is policing's own business: forces, the company, the board and auditors read it, and
so they read the totals. What is not signed yet is its force's, and the auditors'. A supplier reads
what it reported itself.
"""

from typing import Any

from sqlalchemy import ColumnElement, false, literal_column, or_, true

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer

SIGNED: ColumnElement[str] = literal_column("'signed'")


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Savings: the signed ones for policing, the others for their force and for auditors."""
    if viewer.holds(Permission.AUDIT_READ) and viewer.holds(Permission.SAVINGS_READ):
        return true()
    if not viewer.holds(Permission.SAVINGS_READ):
        return false()
    return or_(row.state == SIGNED, viewer.among(row.force_id, Permission.SAVINGS_READ))


def baseline_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Baselines: for policing. A supplier who knew one would quote just below it."""
    return true() if viewer.holds(Permission.SAVINGS_READ) else false()


def total_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Totals are of what is signed."""
    return true() if viewer.holds(Permission.SAVINGS_READ) else false()


def transaction_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """What a supplier reported: for itself and for policing."""
    if viewer.holds(Permission.SAVINGS_READ):
        return true()
    return viewer.among(row.supplier_id, Permission.QUOTE_READ)
