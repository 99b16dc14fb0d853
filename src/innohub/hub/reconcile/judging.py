"""What differs between a record as we remember it and as their system shows it. Decides only."""

from collections.abc import Sequence
from dataclasses import dataclass

from innohub.hub.reconcile.models import Kind


@dataclass(frozen=True)
class Side:
    """A record as one side has it. What a side does not say is None."""

    remote_id: str | None
    etag: str | None
    revision: int | None
    digest: str | None
    copies: int = 1


@dataclass(frozen=True)
class Judged:
    kind: Kind
    told: str
    theirs: Side | None = None
    """Of theirs the one that counts."""
    surplus: tuple[Side, ...] = ()
    """Further ones that bear its key."""
    older: bool = False
    """The one that counts must be written again."""


def judge(ours: Side, shown: Sequence[Side]) -> Judged | None:
    """None where both sides agree as far as they say."""
    if not shown:
        return Judged(Kind.MISSING, "Their system does not hold this record.")
    theirs, *surplus = sorted(shown, key=lambda side: _rank(ours, side))
    one = _difference(ours, theirs)
    if surplus or theirs.copies > 1:
        count = len(surplus) + theirs.copies
        return Judged(
            Kind.DUPLICATE,
            f"{count} of their records bear its key.",
            theirs,
            tuple(surplus),
            older=one is not None and one.older,
        )
    return one


def _rank(ours: Side, side: Side) -> tuple[bool, int, int, str]:
    """The one that we write to comes first; else the newest, else the one with the lowest id."""
    remote_id = side.remote_id or ""
    return (remote_id != ours.remote_id, -(side.revision or 0), len(remote_id), remote_id)


def _difference(ours: Side, theirs: Side) -> Judged | None:
    if ours.revision is not None and theirs.revision is not None:
        revisions = f"They hold revision {theirs.revision}, and the hub wrote {ours.revision}."
        if theirs.revision > ours.revision:
            return Judged(Kind.AHEAD, revisions, theirs)
        if theirs.revision < ours.revision:
            return Judged(Kind.STALE, revisions, theirs, older=True)
    if ours.etag is not None and ours.etag == theirs.etag:
        return None
    if ours.digest is not None and theirs.digest is not None and ours.digest != theirs.digest:
        changed = "Their record was changed since the hub wrote it."
        return Judged(Kind.STALE, changed, theirs, older=True)
    return None
