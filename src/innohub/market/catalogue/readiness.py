"""What on the hub backs a claimed technology readiness level.

The vocabulary's rule: TRL is a claim with evidence; a live operational pilot needs a claim of 6 or
more; level 7 needs a completed operational pilot, level 9 a force that uses it.
"""

WITH_A_PILOT = 7
WITH_A_FORCE = 9


def backing(trl: int, *, completed_pilots: int, live_forces: int) -> tuple[bool, str]:
    """Whether the hub's own record bears a claim of this level, and the sentence that says so."""
    pilots = f"{completed_pilots} completed pilot{'s' if completed_pilots != 1 else ''} on this hub"
    forces = f"{live_forces} force{'s' if live_forces != 1 else ''} that took it up"
    if trl < WITH_A_PILOT:
        return True, "Below level 7 the supplier's own evidence is enough."
    if trl < WITH_A_FORCE:
        if completed_pilots:
            return True, f"Backed by {pilots}."
        return False, "No pilot on this hub is completed yet: level 7 needs one."
    if completed_pilots and live_forces:
        return True, f"Backed by {pilots}, and {forces}."
    return False, "Level 9 needs a completed pilot and a force that took it up; the hub knows none."
