"""The verdict on a trial, by rule: from the registered effect, its interval and the grade."""

import math
from dataclasses import dataclass
from enum import StrEnum

from innohub.errors import Invalid
from innohub.market.evidence.estimators.result import Favourable


class Verdict(StrEnum):
    WORKED = "worked"
    PROMISING = "promising"
    INCONCLUSIVE = "inconclusive"
    DIDNT_WORK = "didnt_work"
    HARMFUL = "harmful"
    NOT_ASSESSABLE = "not_assessable"
    STOPPED_EARLY = "stopped_early"
    OVERDUE_UNREPORTED = "overdue_unreported"


LABELS: dict[Verdict, str] = {
    Verdict.WORKED: "Worked",
    Verdict.PROMISING: "Promising",
    Verdict.INCONCLUSIVE: "Inconclusive",
    Verdict.DIDNT_WORK: "Didn't work",
    Verdict.HARMFUL: "Harmful",
    Verdict.NOT_ASSESSABLE: "Cannot be assessed",
    Verdict.STOPPED_EARLY: "Stopped early",
    Verdict.OVERDUE_UNREPORTED: "Registered, unreported",
}


@dataclass(frozen=True)
class Decision:
    """A verdict, the rule that gave it in one sentence, and the warnings beside it.

    `harm_signal`: the design is too weak to call the effect harmful, but its whole interval is
    unfavourable. `board_notified`: a safety or equality KPI broke its stop rule.
    """

    verdict: Verdict
    because: str
    harm_signal: bool = False
    board_notified: bool = False

    @property
    def label(self) -> str:
        return LABELS[self.verdict]


def decide(
    favourable: Favourable | None,
    minimum: float | None,
    sms: int,
    *,
    overdue: bool = False,
    stopped_early: str | None = None,
    safety_breached: bool = False,
) -> Decision:
    """Apply the rules in their order; the first that fits decides.

    `favourable` and the registered `minimum` important effect are on one scale, favourable
    positive, as `result.favourable` and `result.minimum_on_scale` give them; None for what was not
    registered or has nothing to compare. `sms` is the Maryland grade. `overdue`: no primary result
    came by the due date and its grace. `stopped_early`: the reason, for a pilot stopped before its
    minimum data. `safety_breached`: a safety or equality KPI broke its pre-set stop rule.
    Raises Invalid: a stop without a reason, a minimum that is not above 0, a grade outside 0 to 5.
    """
    if not 0 <= sms <= 5:
        raise Invalid("The Maryland grade must be from 0 to 5.", field="grade")
    if minimum is not None and not (math.isfinite(minimum) and minimum > 0):
        raise Invalid(
            "The minimum important effect must be more than 0.", field="minimum_important_effect"
        )
    found = _without_effect(overdue, stopped_early, sms) or _by_effect(favourable, minimum, sms)
    if not safety_breached:
        return found
    if found.verdict in (Verdict.WORKED, Verdict.PROMISING):
        because = "A safety or equality measure broke its stop rule, which caps the verdict."
        return Decision(Verdict.INCONCLUSIVE, because, found.harm_signal, board_notified=True)
    return Decision(found.verdict, found.because, found.harm_signal, board_notified=True)


def _without_effect(overdue: bool, stopped_early: str | None, sms: int) -> Decision | None:
    if overdue:
        return Decision(
            Verdict.OVERDUE_UNREPORTED, "No primary result came by its due date and grace."
        )
    if stopped_early is not None:
        if not stopped_early.strip():
            raise Invalid("A pilot that stopped early needs its reason.", field="stop_reason")
        return Decision(
            Verdict.STOPPED_EARLY, f"It stopped before its minimum data: {stopped_early.strip()}"
        )
    if sms == 0:
        return Decision(Verdict.NOT_ASSESSABLE, "The design compares with nothing.")
    return None


def _by_effect(favourable: Favourable | None, minimum: float | None, sms: int) -> Decision:
    if favourable is None or minimum is None:
        return Decision(
            Verdict.NOT_ASSESSABLE,
            "Nobody said before the start which way it should change, and by how much.",
        )
    effect, lower, upper = favourable
    if sms <= 2:
        return _by_weak_design(favourable, minimum)
    if upper < 0:
        return Decision(Verdict.HARMFUL, "The whole interval is unfavourable.")
    if upper < minimum:
        return Decision(Verdict.DIDNT_WORK, "A benefit worth having is ruled out.")
    if lower > 0 and effect >= minimum:
        return Decision(
            Verdict.WORKED,
            "The effect is as large as registered, and “no difference” lies outside its 95% "
            "interval.",
        )
    if effect >= minimum and lower > -minimum:
        return Decision(
            Verdict.PROMISING,
            "The effect is as large as registered, and a harm of that size is ruled out.",
        )
    return Decision(
        Verdict.INCONCLUSIVE, "The interval leaves open both a benefit worth having and none."
    )


def _by_weak_design(favourable: Favourable, minimum: float) -> Decision:
    effect, lower, upper = favourable
    if effect >= minimum and lower > 0:
        return Decision(
            Verdict.PROMISING,
            "The effect is as large as registered; a design of this grade cannot earn more.",
        )
    return Decision(
        Verdict.INCONCLUSIVE,
        "A design of this grade shows promise only with an effect as large as registered and an "
        "interval that rules out none.",
        harm_signal=upper < 0,
    )
