"""Who may see which row and which field: plain Python over stored rows.

Written from the vocabulary and the design, without a look at any policy: no SQL, no permissions.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from innohub.market.board.models import InterestAction, RoundState
from innohub.market.catalogue.models import ListingState, VersionState
from innohub.market.evidence.models import DataSource
from innohub.market.pilots.models import PilotState
from innohub.market.savings.models import SavingState
from innohub.market.working_days import LONDON
from tests.graphql.matrix import eyes as may
from tests.graphql.matrix.eyes import Eyes
from tests.graphql.matrix.stored import Stored

Row = Any
LISTED = {ListingState.PUBLISHED, ListingState.SUSPENDED, ListingState.WITHDRAWN}
CLOSED = {"matching", "piloting", "answered", "closed_unmet"}
"""From its deadline on, a challenge's responses are compared."""
UNRELEASED = {"awaiting_scan", "infected"}
"""What nobody but its owner downloads."""
UNSUBMITTED = {ListingState.DRAFT, ListingState.ARCHIVED}
"""A draft that lay idle is archived: nobody but its supplier ever read it."""
REGISTERED = {
    PilotState.PROTOCOL_LOCKED, PilotState.RUNNING, PilotState.PAUSED, PilotState.STOPPED,
    PilotState.ANALYSING, PilotState.REPORTED, PilotState.DECIDED, PilotState.PUBLISHED,
}  # fmt: skip
"""From its lock on, a pilot stands in the public register."""
REVEALED = {
    RoundState.MODERATION, RoundState.PROVISIONAL, RoundState.STANDSTILL,
    RoundState.UNDER_REVIEW, RoundState.FINAL,
}  # fmt: skip
RECUSING = {
    InterestAction.RECUSE_ITEM, InterestAction.RECUSE_ROUND, InterestAction.REPLACE_MEMBER
}  # fmt: skip
CHALLENGED = {RoundState.STANDSTILL, RoundState.UNDER_REVIEW}


class Oracle:
    """Judges rows of one stored market for one pair of eyes."""

    def __init__(self, stored: Stored, eyes: Eyes) -> None:
        self.stored = stored
        self.eyes = eyes

    def sees(self, kind: str, row: Row) -> bool:
        """Whether a row, read as this GraphQL type, may be shown."""
        rule: Callable[[Row], bool] = getattr(self, f"_{kind}", self._everybody)
        return rule(row)

    def _everybody(self, row: Row) -> bool:
        return True

    # Listings

    def _Technology(self, row: Row) -> bool:  # noqa: N802
        return row.state in LISTED or self._inside(row)

    def _inside(self, technology: Row) -> bool:
        if self.eyes.are(may.OWN_LISTINGS, technology.supplier_id):
            return True
        return self.eyes.are(may.JUDGES) and technology.state not in UNSUBMITTED

    def _of_technology(self, row: Row) -> bool:
        return self._Technology(self.stored.get("Technology", row.technology_id))

    _ListingSection = _Capability = _AssuranceItem = _Rating = _of_technology

    def _PooledEffect(self, row: Row) -> bool:  # noqa: N802
        return self._of_technology(row) if row.technology_id else self._of_challenge(row)

    _PooledTrial = _PooledEffect

    def _ListingDraft(self, row: Row) -> bool:  # noqa: N802
        return self.eyes.are(may.OWN_LISTINGS, row.supplier_id)

    def _DraftSection(self, row: Row) -> bool:  # noqa: N802
        return self._ListingDraft(self.stored.get("ListingDraft", row.draft_id))

    def _SupplierInterest(self, row: Row) -> bool:  # noqa: N802
        return self.is_me(row) or self.eyes.are(may.AUDITORS)

    def _ListingVersion(self, row: Row) -> bool:  # noqa: N802
        technology = self.stored.get("Technology", row.technology_id)
        public = row.state == VersionState.APPROVED and technology.state in LISTED
        return public or self._inside(technology)

    def _answer(self, row: Row) -> bool:
        """What a force makes of an item: for policing, and for the supplier whose item it is."""
        technology = self.stored.get("Technology", row.technology_id)
        reader = self.eyes.are(may.REGISTER) or self.eyes.are(
            may.OWN_LISTINGS, technology.supplier_id
        )
        return reader and self._Technology(technology)

    _AssuranceResponse = _AssuranceAddition = _answer

    def _Document(self, row: Row) -> bool:  # noqa: N802
        """As what it belongs to: a listing, what is done on a pilot, the evidence of an item."""
        owners = may.FILING if row.pilot_id is not None else may.OWN_LISTINGS
        if row.state in UNRELEASED and not self.eyes.are(owners, row.organisation_id):
            return False
        if row.pilot_id is not None:
            # A force that left takes its own back.
            return self._inside_pilot(row) or self.eyes.are(owners, row.organisation_id)
        if row.assurance_item_id is not None:
            return self._answer(self.stored.get("AssuranceItem", row.assurance_item_id))
        return self._of_technology(row)

    def _CatalogueImport(self, row: Row) -> bool:  # noqa: N802
        return self.eyes.are(may.OWN_LISTINGS, row.supplier_id)

    _ImportItem = _CatalogueImport

    # Pilots

    def _Pilot(self, row: Row) -> bool:  # noqa: N802
        public = row.state in REGISTERED or row.citation is not None
        return public or self.eyes.are(may.REGISTER) or self.party(row)

    def party(self, pilot: Row) -> bool:
        own = self.eyes.are_at(may.OWN_PILOTS, pilot.force_id)
        own = own or self._takes_part(pilot.id, may.OWN_PILOTS)
        return own or self.eyes.are_at(may.OWN_PILOTS, pilot.supplier_id)

    def _takes_part(self, pilot_id: int, names: Any) -> bool:
        """Of a force that joined the pilot and has not left it."""
        further = self.stored.where("PilotForce", "pilot_id", pilot_id)
        return any(self.eyes.are_at(names, f.force_id) for f in further if f.left_at is None)

    def _of_pilot(self, row: Row) -> bool:
        return self._Pilot(self.stored.get("Pilot", row.pilot_id))

    _PilotSite = _PilotForce = _of_pilot

    def _Protocol(self, row: Row) -> bool:  # noqa: N802
        if row.locked_at is not None or self.eyes.are(may.ADVISERS):
            return True
        return self.party(self.stored.get("Pilot", row.pilot_id))

    def _LocalKpi(self, row: Row) -> bool:  # noqa: N802
        return row.state == "approved" or self.eyes.are(may.REGISTER)

    def _EarlierPilot(self, row: Row) -> bool:  # noqa: N802
        if self.eyes.are(may.REGISTER) or self.eyes.are(may.HANDING_IN, row.force_id):
            return True
        named = row.technology_id and self.stored.get("Technology", row.technology_id)
        return bool(named) and self.eyes.are(may.OWN_PILOTS, named.supplier_id)

    def _ProtocolOutcome(self, row: Row) -> bool:  # noqa: N802
        return any(map(self._Protocol, self.stored.where("Protocol", "pilot_id", row.pilot_id)))

    def _OutcomeEffect(self, row: Row) -> bool:  # noqa: N802
        return self._Result(self.stored.get("Result", row.result_id))

    def _Appraisal(self, row: Row) -> bool:  # noqa: N802
        pilot = self.stored.get("Pilot", row.pilot_id)
        return pilot.state == PilotState.PUBLISHED or self.party(pilot)

    _EmmieRecord = _Appraisal

    def _inside_pilot(self, row: Row) -> bool:
        return self.eyes.are(may.OVERSEERS) or self.party(self.stored.get("Pilot", row.pilot_id))

    _PilotTurn = _PilotGate = _PilotTask = _Checkpoint = _SupplierNote = _inside_pilot

    def _PilotStep(self, row: Row) -> bool:  # noqa: N802
        """What was written for good; a force that left answers for its part until then."""
        return self._inside_pilot(row) or any(
            former.left_at is not None
            and row.created_at <= former.left_at
            and self.eyes.are_at(may.OWN_PILOTS, former.force_id)
            for former in self.stored.where("PilotForce", "pilot_id", row.pilot_id)
        )

    _PilotMessage = _PilotStep

    def _PilotOverlap(self, row: Row) -> bool:  # noqa: N802
        pilots = (self.stored.get("Pilot", id) for id in (row.pilot_id, row.other_id))
        return all(self._Pilot(pilot) for pilot in pilots)

    def _EarlierOverlap(self, row: Row) -> bool:  # noqa: N802
        shown = self._EarlierPilot(self.stored.get("EarlierPilot", row.earlier_id))
        return shown and self._Pilot(self.stored.get("Pilot", row.pilot_id))

    # Evidence

    def _Result(self, row: Row) -> bool:  # noqa: N802
        if row.published_at is not None or self.eyes.are(may.ADVISERS):
            return True
        if self.eyes.are_at(may.OWN_TRIALS, row.force_id):
            return True
        if self._takes_part(row.pilot_id, may.OWN_TRIALS):
            return True
        return row.confirmed_at is not None and self.eyes.are_at(may.COMMENTING, row.supplier_id)

    def _TrialDataset(self, row: Row) -> bool:  # noqa: N802
        if row.source == DataSource.LITERATURE or self.eyes.are(may.ADVISERS):
            return True
        pilot = self.stored.get("Pilot", row.pilot_id)
        if self._takes_part(pilot.id, may.OWN_TRIALS):
            return True
        sent = self.eyes.are_at(may.TRIAL_DATA, row.force_id)
        return sent or self.eyes.are_at(may.OWN_TRIALS, pilot.force_id)

    def _TrialUpload(self, row: Row) -> bool:  # noqa: N802
        return self.eyes.are(may.HANDING_IN, row.force_id)

    # Challenges

    def _Challenge(self, row: Row) -> bool:  # noqa: N802
        opened = row.invited_at is not None and self.eyes.are(may.REGISTER)
        own = self.eyes.are(may.OWN_CHALLENGES, row.force_id)
        return row.published_at is not None or opened or own

    def _of_challenge(self, row: Row) -> bool:
        return self._Challenge(self.stored.get("Challenge", row.challenge_id))

    _ChallengeQuestion = _of_challenge

    def _ChallengeForce(self, row: Row) -> bool:  # noqa: N802
        told = row.joined_at is not None or self.eyes.are(may.REGISTER)
        return told and self._of_challenge(row)

    def _ChallengeMerger(self, row: Row) -> bool:  # noqa: N802
        into = self.stored.get("Challenge", row.into_id)
        return self.eyes.are(may.REGISTER) and self._of_challenge(row) and self._Challenge(into)

    def _ChallengeResponse(self, row: Row) -> bool:  # noqa: N802
        if self.eyes.are(may.OWN_CHALLENGES, row.supplier_id):
            return True
        challenge = self.stored.get("Challenge", row.challenge_id)
        board = self.eyes.are(may.OF_THE_BOARD) and challenge.state in CLOSED
        return row.withdrawn_at is None and (board or self.sponsors(challenge))

    def _Decision(self, row: Row) -> bool:  # noqa: N802
        if row.closes_on is not None and row.closes_on < datetime.now(LONDON).date():
            return False
        return self.takes(row) or any(
            self.is_me(one) and self.counts(one) and self._holds(one, row)
            for one in self.stored.where("DecisionDelegation", "decision_id", row.id)
        )

    def takes(self, row: Row) -> bool:
        return self.eyes.are_at(may.DECIDING[row.kind], row.force_id)

    def counts(self, delegation: Row) -> bool:
        over = delegation.ended_at or delegation.acted_at
        return over is None and delegation.until >= datetime.now(LONDON).date()

    def _holds(self, delegation: Row, row: Row) -> bool:
        """Its delegate is of the force still, and who passed it on may still decide it."""
        seats = self.stored.where("Membership", "person_id", delegation.by_id)
        own = {seat.role for seat in seats if seat.organisation_id == row.force_id}
        return self.eyes.are_at(may.FORCES, row.force_id) and bool(own & may.DECIDING[row.kind])

    def _DecisionDelegation(self, row: Row) -> bool:  # noqa: N802
        me = self.eyes.person_id
        own = me is not None and me in (row.by_id, row.person_id)
        return own or self.eyes.are(may.LEADERSHIP, row.force_id)

    def _DecisionDone(self, row: Row) -> bool:  # noqa: N802
        return self.eyes.are_at(may.LEADERSHIP, row.force_id)

    def sponsors(self, challenge: Row) -> bool:
        """Whether a force of the viewer owns or co-sponsors it."""
        joined = self.stored.where("ChallengeForce", "challenge_id", challenge.id)
        forces = [challenge.force_id, *(one.force_id for one in joined if one.joined_at)]
        return any(self.eyes.are(may.OWN_CHALLENGES, force_id) for force_id in forces)

    # Quotes

    def _Quote(self, row: Row) -> bool:  # noqa: N802
        """Sealed until it is accepted: its supplier's, and theirs who buy."""
        own = self.eyes.are(may.OWN_QUOTES, row.supplier_id)
        return row.accepted_at is not None or own or self.eyes.are(may.BUYERS)

    # Pooled demand

    def _Pool(self, row: Row) -> bool:  # noqa: N802
        return row.state != "collecting" or self.eyes.are(may.BUYERS)

    def _PoolCommitment(self, row: Row) -> bool:  # noqa: N802
        """Which force commits to how much: for those who buy."""
        return self.eyes.are(may.BUYERS)

    _PoolPart = _PoolCommitment

    def _PoolInvitation(self, row: Row) -> bool:  # noqa: N802
        return self.eyes.are(may.BUYERS) or self.eyes.are(may.OWN_QUOTES, row.supplier_id)

    def _PoolOffer(self, row: Row) -> bool:  # noqa: N802
        return self._Quote(self.stored.get("Quote", row.quote_id))

    def _PoolAward(self, row: Row) -> bool:  # noqa: N802
        return row.awarded_at is not None or self.eyes.are(may.BUYERS)

    def _PoolShare(self, row: Row) -> bool:  # noqa: N802
        return self._PoolAward(self.stored.get("PoolAward", row.award_id))

    def _QuoteTier(self, row: Row) -> bool:  # noqa: N802
        return self._Quote(self.stored.get("Quote", row.quote_id))

    # Savings

    def _Saving(self, row: Row) -> bool:  # noqa: N802
        if self.eyes.are(may.AUDITORS) and self.eyes.are(may.LEDGER):
            return True
        own = self.eyes.are(may.FORCES, row.force_id)
        return own or (row.state == SavingState.SIGNED and self.eyes.are(may.LEDGER))

    def _SavingsBaseline(self, row: Row) -> bool:  # noqa: N802
        return self.eyes.are(may.LEDGER)

    def _SupplierTransaction(self, row: Row) -> bool:  # noqa: N802
        return self.eyes.are(may.LEDGER) or self.eyes.are(may.OWN_QUOTES, row.supplier_id)

    def _SimilarChallenge(self, row: Row) -> bool:  # noqa: N802
        return self._Challenge(self.stored.get("Challenge", row.other_id))

    # The board

    def _Round(self, row: Row) -> bool:  # noqa: N802
        return row.opened_at is not None or self.of_the_board(row)

    def of_the_board(self, round: Row) -> bool:
        return self.eyes.are(may.BOARD, round.board_id)

    def _RoundCriterion(self, row: Row) -> bool:  # noqa: N802
        return self._Round(self.stored.get("Round", row.round_id))

    def _RoundItem(self, row: Row) -> bool:  # noqa: N802
        round = self.stored.get("Round", row.round_id)
        seen = round.state == RoundState.FINAL or self.of_the_board(round)
        seen = seen or (round.state in CHALLENGED and self._concerned(row))
        seen = seen or (round.state == RoundState.UNDER_REVIEW and self.eyes.are(may.REVIEWING))
        return seen and not self._recused(row)

    def _concerned(self, item: Row) -> bool:
        """Of the supplier, or of a force with a pilot in the register."""
        technology = self.stored.get("Technology", item.technology_id)
        pilots = self.stored.where("Pilot", "technology_id", item.technology_id)
        forces = {pilot.force_id for pilot in pilots if pilot.state in REGISTERED}
        return self.eyes.are_at(may.OWN_LISTINGS, technology.supplier_id) or any(
            self.eyes.are_at(may.OWN_PILOTS, force_id) for force_id in forces if force_id
        )

    def _BoardReview(self, row: Row) -> bool:  # noqa: N802
        item = self.stored.get("RoundItem", row.item_id)
        round = self.stored.get("Round", item.round_id)
        parties = may.OWN_LISTINGS | may.OWN_PILOTS
        seen = self.eyes.are_at(parties, row.organisation_id) or self.of_the_board(round)
        seen = seen or self.eyes.are(may.REVIEWING) or round.state == RoundState.FINAL
        return seen and not self._recused(item)

    def _of_item(self, row: Row) -> bool:
        return self._RoundItem(self.stored.get("RoundItem", row.item_id))

    def _Debarment(self, row: Row) -> bool:  # noqa: N802
        return True

    def _FormerEntry(self, row: Row) -> bool:  # noqa: N802
        return True

    _GateCheck = _RankVariation = _of_item

    def _ModerationRecord(self, row: Row) -> bool:  # noqa: N802
        item = self.stored.get("RoundItem", row.item_id)
        return self._RoundItem(item) and not self.blind(item)

    def _ModerationApproval(self, row: Row) -> bool:  # noqa: N802
        return self._ModerationRecord(self.stored.get("ModerationRecord", row.record_id))

    def approver_told(self, row: Row) -> bool:
        item = self.stored.get(
            "RoundItem", self.stored.get("ModerationRecord", row.record_id).item_id
        )
        return self.is_me(row) or self.of_the_board(self.stored.get("Round", item.round_id))

    def _recused(self, item: Row) -> bool:
        by_item = any(
            one.action in RECUSING and self.is_me(one)
            for one in self.stored.where("Interest", "item_id", item.id)
        )
        seats = self.stored.where("RoundMember", "round_id", item.round_id)
        return by_item or any(seat.recused and self.is_me(seat) for seat in seats)

    def blind(self, item: Row) -> bool:
        """Whether they may yet be asked to score the item, whose scores they then do not see."""
        round = self.stored.get("Round", item.round_id)
        scores_for_it = self.eyes.are(may.SCORING_ROUNDS, round.board_id)
        runs_it = self.eyes.are(may.PLANNING_ROUNDS, round.board_id)
        if round.state == RoundState.FINAL or not scores_for_it or runs_it:
            return False
        seats = self.stored.where("RoundMember", "round_id", round.id)
        sits = any(self.is_me(seat) and not seat.seated_late for seat in seats)
        scored = any(self.is_me(one) for one in self.stored.where("Score", "item_id", item.id))
        return not sits and not scored

    def _RoundMember(self, row: Row) -> bool:  # noqa: N802
        return self.of_the_board(self.stored.get("Round", row.round_id))

    def why_told(self, row: Row) -> bool:
        """Why a seat ended: not to whoever is recused from anything in the round."""
        items = self.stored.where("RoundItem", "round_id", row.round_id)
        return self.is_me(row) or not any(self._recused(item) for item in items)

    def _Interest(self, row: Row) -> bool:  # noqa: N802
        item = self.stored.get("RoundItem", row.item_id)
        round = self.stored.get("Round", item.round_id)
        return self.is_me(row) or (self.of_the_board(round) and not self._recused(item))

    def _Score(self, row: Row) -> bool:  # noqa: N802
        item = self.stored.get("RoundItem", row.item_id)
        round = self.stored.get("Round", item.round_id)
        told = self.of_the_board(round) and round.state in REVEALED
        told = told or round.state in {*CHALLENGED, RoundState.FINAL}
        return ((told and not self.blind(item)) or self.is_me(row)) and self._RoundItem(item)

    def is_me(self, row: Row) -> bool:
        return self.eyes.person_id is not None and row.person_id == self.eyes.person_id

    # Connections

    def _of_supplier(self, row: Row) -> bool:
        return self.eyes.are(may.OWN_CONNECTIONS, row.organisation_id)

    _Integration = _Delivery = _Attempt = _MappingVersion = _of_supplier
    _Reconciliation = _Discrepancy = _of_supplier

    def _Event(self, row: Row) -> bool:  # noqa: N802
        return self.eyes.are_at(may.OWN_CONNECTIONS, row.supplier_id)

    # Searches

    def _SynonymSet(self, row: Row) -> bool:  # noqa: N802
        return self.eyes.are(may.KEEPERS_OF_WORDS)

    def _SavedSearch(self, row: Row) -> bool:  # noqa: N802
        return self.is_me(row)

    def _LockedSearch(self, row: Row) -> bool:  # noqa: N802
        return self.eyes.are(may.FORCES, row.force_id) or self.eyes.are(may.AUDITORS)

    def _LockedResult(self, row: Row) -> bool:  # noqa: N802
        return self._LockedSearch(self.stored.get("LockedSearch", row.locked_search_id))

    # People

    def _Notice(self, row: Row) -> bool:  # noqa: N802
        return self.is_me(row)

    _CalendarFeed = _NoticePreference = _Passkey = _Notice

    def _ApiClient(self, row: Row) -> bool:  # noqa: N802
        return self.eyes.are(may.OWN_CLIENTS, row.organisation_id)

    def _Consent(self, row: Row) -> bool:  # noqa: N802
        return self.is_me(row) and row.redeemed_at is not None and row.revoked_at is None

    def _SignInSession(self, row: Row) -> bool:  # noqa: N802
        return self.is_me(row) and row.ended_at is None

    def _Account(self, row: Row) -> bool:  # noqa: N802
        return self.eyes.person_id == row.id

    def _NoticePreferences(self, row: Row) -> bool:  # noqa: N802
        return self.eyes.person_id == row.id

    def _Person(self, row: Row) -> bool:  # noqa: N802
        seats = self.stored.where("Membership", "person_id", row.id)
        beside = may.WORKING | may.PLANNING_ROUNDS
        shared = any(self.eyes.are(beside, seat.organisation_id) for seat in seats)
        return row.active and (row.id == self.eyes.person_id or shared)
