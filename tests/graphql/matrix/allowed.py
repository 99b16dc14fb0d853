"""Who may carry out each mutation, written by hand.

From the vocabulary (`by` in its state machines, the grouping of roles), from the design where it
says more, and a comment where neither says it. Never from the code that this table judges.
"""

from tests.graphql.matrix.everybody import FURTHER, ROLES, SCOPES, STRANGERS


def own(*roles: str) -> set[str]:
    """The role in the organisation whose listing, pilot, round or connection it is."""
    return {f"own {role}" for role in roles}


def any_(*roles: str) -> set[str]:
    """The role wherever it is held: those of the company and of advisers act across tenants."""
    return own(*roles) | {f"other {role}" for role in roles}


def supplier_scope(scope: str) -> set[str]:
    return {f"own supplier's {scope}"}


def force_scope(scope: str) -> set[str]:
    return {f"own force's {scope}"}


EDITORS = own("supplier_admin", "supplier_editor") | supplier_scope("listings.write")
"""The listing's minor edits are the supplier_editor's, so drafting is, too."""
SUPPLIER = own("supplier_admin") | supplier_scope("listings.write")
"""An API client publishes as the administrator does who gave it the scope."""
RESPONDERS = own("supplier_admin") | supplier_scope("pilots.respond")
SRO = own("force_senior_responsible_owner")
LEADERSHIP = SRO | own("force_chief_officer")
"""The digest of the vocabulary has a chief officer approve, decline or delegate."""
LEAD = own("force_innovation_lead")
ANALYSTS = own("force_analyst", "second_analyst")
CHAIR = own("board_chair")
SECRETARY = own("board_secretary")
SEATED = own("board_chair", "board_member")
"""Who sits on the round and votes; `unseated_member` is of the board, not of the round."""
ADMIN = own("supplier_admin")
DEBARRERS = any_("commercial_manager", "programme_officer", "board_secretary")
MANAGER = any_("commercial_manager")
BUYER = own("force_commercial")
BOTH_LEADS = any_("force_innovation_lead")
"""Of the two forces whose challenges may become one."""
EVERYBODY_IN_PERSON = any_(*(role for roles in ROLES.values() for role in roles), *FURTHER)
FORCE_WORKERS = own(
    "force_innovation_lead", "force_analyst", "second_analyst", "force_senior_responsible_owner",
    "force_chief_officer", "force_assurance_reviewer", "force_commercial",
)  # fmt: skip
"""Everybody of the force but who only looks on."""
WORKERS = FORCE_WORKERS | own("supplier_admin", "supplier_editor")
"""Both sides of a pilot; people, not machines."""

EVERY_WORKER = WORKERS | {who.replace("own", "other", 1) for who in FORCE_WORKERS}
"""Of a pilot that the other force leads and the own one joined."""

ALLOWED: dict[str, set[str]] = {
    "draftTechnology": EDITORS,
    "editTechnology": EDITORS,
    "writeSection": EDITORS,
    "upsertCatalogue": EDITORS,
    "submitTechnology": SUPPLIER,
    "approveTechnology": any_("catalogue_reviewer"),
    "requestChanges": any_("catalogue_reviewer"),
    "suspendTechnology": any_("assurance_officer"),
    "reinstateTechnology": any_("assurance_officer"),
    "withdrawTechnology": SUPPLIER,
    # Whoever signs in in person; a saved search is one person's, the stage's the lead's.
    "saveSearch": EVERYBODY_IN_PERSON,
    "deleteSavedSearch": LEAD,
    # Who leads the choice of a technology, and who buys it.
    "lockSearch": own("force_innovation_lead", "force_commercial"),
    # The company keeps the lists: who reviews the catalogue, and who runs the hub.
    "addOrganisation": any_("platform_admin"),
    "mergeOrganisation": any_("platform_admin"),
    "changeOrganisation": any_("platform_admin"),
    "movePerson": any_("platform_admin"),
    "addSynonyms": any_("catalogue_reviewer", "platform_admin"),
    "changeSynonyms": any_("catalogue_reviewer", "platform_admin"),
    "retireSynonyms": any_("catalogue_reviewer", "platform_admin"),
    "pointToDocument": EDITORS,
    # A reviewer takes down what should not be there.
    "removeDocument": EDITORS | any_("catalogue_reviewer"),
    # A reviewer speaks for themself, of any supplier.
    "declareSupplierInterest": any_("catalogue_reviewer"),
    # Who approves a pilot's scope agrees to how it goes on.
    "agreeContinuation": LEADERSHIP,
    "declareAssurance": own("supplier_admin", "supplier_editor")
    | supplier_scope("assurance.write"),
    "addAssuranceEvidence": own("supplier_admin", "supplier_editor")
    | supplier_scope("assurance.write"),
    "removeAssuranceEvidence": own("supplier_admin", "supplier_editor")
    | supplier_scope("assurance.write"),
    "verifyAssurance": any_("assurance_officer"),
    "rejectAssurance": any_("assurance_officer"),
    "proposePilot": LEAD,
    "checkOverlap": LEAD,
    "respondToAssurance": own("force_assurance_reviewer"),
    "requestPilot": LEAD,
    "chooseOverlap": LEAD,
    "acceptPilot": RESPONDERS,
    "declinePilot": RESPONDERS | LEADERSHIP,
    "approvePilot": LEADERSHIP,
    # The vocabulary names who approves the scope, not who costs it: whoever asks for it, too.
    "setCosts": LEAD | LEADERSHIP,
    "joinPilot": LEAD,
    "approveJoining": LEADERSHIP,
    "leavePilot": LEAD | LEADERSHIP,
    "addSite": LEAD,
    "removeSite": LEAD,
    "signAssurance": own("force_assurance_reviewer"),
    "proposeProtocol": ANALYSTS,
    "addOutcome": ANALYSTS,
    "proposeKpi": ANALYSTS,
    "approveKpi": any_("evaluation_adviser"),
    "refuseKpi": any_("evaluation_adviser"),
    "removeOutcome": ANALYSTS,
    # The first analyst proposed it.
    "lockProtocol": own("second_analyst") | any_("evaluation_adviser"),
    # The vocabulary names the lead; the owner, who may halt and end it, may start it as well.
    "startPilot": LEAD | SRO,
    "pausePilot": SRO | any_("assurance_officer"),
    # A pause that is not the force's own needs the word of whoever halted it.
    "agreeToResume": any_("assurance_officer"),
    "resumePilot": SRO,
    "stopPilot": SRO,
    # At the planned end, which the vocabulary leaves to the system, whoever runs it may.
    # Whoever answers for the pilot answers for what it owes.
    "explainOverdue": LEADERSHIP,
    "finishPilot": LEAD | SRO,
    # As trial data: who measures for the force, and its own systems.
    "recordEarlierPilot": ANALYSTS | force_scope("results.write"),
    "recordTrialData": ANALYSTS | force_scope("results.write"),
    "openUpload": ANALYSTS | force_scope("results.write"),
    "addObservations": ANALYSTS | force_scope("results.write"),
    "recordUpload": ANALYSTS | force_scope("results.write"),
    "abandonUpload": ANALYSTS | force_scope("results.write"),
    "supplyEstimate": ANALYSTS | force_scope("results.write"),
    "reportResult": ANALYSTS,
    # Who works out the effect works out what it is worth.
    "appraisePilot": ANALYSTS | force_scope("results.write"),
    # The force's pilot people: who runs it there, and who analyses it. Not a machine.
    "recordEmmie": LEAD | SRO | ANALYSTS,
    # The first analyst computed it. The adviser confirms here as at the lock.
    "confirmResult": own("second_analyst") | any_("evaluation_adviser"),
    "commentOnResult": RESPONDERS,
    # The design gives chief officers decisions of their own.
    "decidePilot": LEADERSHIP,
    "approveDecision": LEADERSHIP,
    "declineDecision": LEADERSHIP,
    "delegateDecision": LEADERSHIP,
    # Who passed it on, or whoever else may decide it.
    "takeBackDecision": LEADERSHIP,
    # "Edited by the force's innovation lead": who looks for technologies says what would fit.
    "writeForceContext": LEAD,
    "ratePilot": LEAD,
    "changeRating": LEAD,
    # "One supplier reply": a public word of the company's, so its administrator's alone.
    "replyToRating": ADMIN,
    # Whoever runs the programme keeps order in it; the listing's own reviewers do not.
    "hideRatingWords": any_("programme_officer"),
    "reinstateRatingWords": any_("programme_officer"),
    # The chair may edit until the round opens.
    "planRound": CHAIR | SECRETARY,
    "addRoundItem": CHAIR | SECRETARY,
    "removeRoundItem": CHAIR | SECRETARY,
    "openRound": CHAIR,
    "closeEntries": SECRETARY,
    "declareInterest": SEATED,
    # The chair as well as the secretary, so that nobody has to settle their own.
    "resolveInterest": CHAIR | SECRETARY,
    "replaceMember": CHAIR | SECRETARY,
    "recuseMember": CHAIR | SECRETARY,
    "startScoring": SECRETARY,
    "scoreItem": SEATED,
    "closeScoring": SECRETARY,
    # The vocabulary asks for the panel's approval, and names no writer of its record.
    "moderateCriterion": CHAIR | SECRETARY,
    "answerModeration": SEATED,
    "rankRound": CHAIR,
    "startStandstill": SECRETARY,
    "finishRound": SECRETARY,
    "requestReview": own("supplier_admin", "force_innovation_lead")
    | own("force_senior_responsible_owner"),
    "decideReview": any_("evaluation_adviser", "ethics_adviser"),
    "cancelRound": CHAIR,
    # The vocabulary names nobody: who buys for a force, and who answers for a supplier.
    "identifyOrganisation": own("force_commercial"),
    # The vocabulary has the gate and names nobody: those who run the programme and its rounds.
    "debarSupplier": DEBARRERS,
    "liftDebarment": DEBARRERS,
    "draftChallenge": LEAD,
    "editChallenge": LEAD,
    "openChallenge": LEAD,
    # The vocabulary names nobody: who finds technologies for the force, and who answers for it.
    "cosponsorChallenge": LEAD | LEADERSHIP,
    "declineInvitation": LEAD | LEADERSHIP,
    "leaveChallenge": LEAD | LEADERSHIP,
    # Either owner, or the company, which merges in the end.
    "proposeMerger": BOTH_LEADS | any_("programme_officer"),
    "agreeToMerger": BOTH_LEADS,
    "mergeChallenges": any_("programme_officer"),
    "publishChallenge": SRO,
    "moveDeadline": SRO,
    # Its editors write for a supplier; what it offers is its administrator's word.
    "askQuestion": own("supplier_admin", "supplier_editor") | supplier_scope("challenges.respond"),
    "answerQuestion": LEAD,
    "respondToChallenge": ADMIN | supplier_scope("challenges.respond"),
    "withdrawResponse": ADMIN | supplier_scope("challenges.respond"),
    # "By: owner force".
    "withdrawChallenge": LEAD | SRO,
    "closeChallengeUnmet": LEAD | SRO,
    # "SRO of any sponsor force".
    "startChallengePiloting": SRO,
    "markChallengeAnswered": LEAD | SRO,
    # A price is its administrator's word, or that of the supplier's system with the scope.
    "declareBaseline": own("force_commercial"),
    "reportTransaction": ADMIN | supplier_scope("quotes.write"),
    "enterSaving": own("force_commercial"),
    "withdrawSaving": own("force_commercial"),
    # The customer's finance lead: of the chief officers.
    "signSaving": own("force_chief_officer"),
    "sendBackSaving": own("force_chief_officer"),
    "reverseSaving": own("force_chief_officer"),
    "submitQuote": ADMIN | supplier_scope("quotes.write"),
    "withdrawQuote": ADMIN | supplier_scope("quotes.write"),
    # "By: commercial_manager", of the company, for all forces.
    "openPool": MANAGER,
    "askForQuotes": MANAGER,
    "startCommitting": MANAGER,
    "proposeAward": MANAGER,
    "awardPool": MANAGER,
    "failPool": MANAGER,
    "quoteForPool": ADMIN | supplier_scope("quotes.write"),
    # "Each force_commercial", for their own force.
    "commitToPool": BUYER,
    "withdrawCommitment": BUYER,
    "agreeToAward": BUYER,
    "joinPoolLate": BUYER,
    "callOffFromPool": BUYER,
    "recordPricePaid": BUYER,
    "followChallenge": EVERYBODY_IN_PERSON,
    "unfollowChallenge": EVERYBODY_IN_PERSON,
    "createIntegration": ADMIN,
    "changeIntegration": ADMIN,
    "authoriseIntegration": ADMIN,
    "pauseIntegration": ADMIN,
    "resumeIntegration": ADMIN,
    "testIntegration": ADMIN,
    "mapIntegration": ADMIN,
    "rotateSigningSecret": ADMIN,
    "endOldSecret": ADMIN,
    "restoreMapping": ADMIN,
    "reconcileIntegration": ADMIN,
    "openInbound": ADMIN,
    "closeInbound": ADMIN,
    "replayDelivery": ADMIN,
    "replayDeliveries": ADMIN,
    # Of the supplier's own program; the stage has the force's lead allow one something.
    "registerApiClient": ADMIN,
    "changeApiClient": ADMIN,
    "rotateApiClientSecret": ADMIN,
    "revokeApiClient": ADMIN,
    "endConsent": LEAD,
    # What a person is told by e-mail is theirs to say.
    "endSession": EVERYBODY_IN_PERSON,
    "setNoticeChannel": EVERYBODY_IN_PERSON,
    "setDigestCadence": EVERYBODY_IN_PERSON,
    # One person's; the stage tells the lead of something.
    "markNoticesRead": LEAD,
    # Whoever is a person; of the address to end, the stage's is the lead's.
    "renewCalendarFeed": EVERYBODY_IN_PERSON,
    "revokeCalendarFeed": LEAD,
    "addTask": WORKERS,
    # The stage's tasks are the force's.
    "changeTask": FORCE_WORKERS,
    "completeTask": FORCE_WORKERS,
    "reopenTask": WORKERS,
    "postMessage": WORKERS,
    # Both sides, the system that answers for one of them (a supplier's: no force's is given the
    # scope), and those who watch over pilots; an auditor only reads.
    "pointToPilotDocument": WORKERS
    | supplier_scope("pilots.respond")
    | force_scope("pilots.respond")
    | any_("assurance_officer", "programme_officer", "evaluation_adviser"),
    # The stage's is the force's.
    "withdrawPilotDocument": FORCE_WORKERS | force_scope("pilots.respond"),
    # The company's officers who keep order in the market; an adviser only adds.
    "takeDownPilotDocument": any_("assurance_officer", "programme_officer"),
    # Who runs the pilot says how it stands.
    "recordCheckpoint": LEAD | SRO,
}

VARIANTS: dict[str, tuple[str, set[str]]] = {
    # A published listing's edits are the supplier_editor's to submit; see `EDITORS`.
    "submitTechnology of a published listing": ("submitTechnology", EDITORS),
    "approveTechnology of a published listing": (
        "approveTechnology",
        any_("catalogue_reviewer"),
    ),
    "requestChanges of a published listing": ("requestChanges", any_("catalogue_reviewer")),
    "draftTechnology without a supplier": (
        "draftTechnology",
        any_("supplier_admin", "supplier_editor")
        | supplier_scope("listings.write")
        | {"other supplier's listings.write"},
    ),
    "upsertCatalogue and submit": ("upsertCatalogue", SUPPLIER),
    "upsertCatalogue without a supplier": (
        "upsertCatalogue",
        any_("supplier_admin", "supplier_editor")
        | supplier_scope("listings.write")
        | {"other supplier's listings.write"},
    ),
    "requestPilot without a force": ("requestPilot", any_("force_innovation_lead")),
    "respondToAssurance without a force": (
        "respondToAssurance",
        any_("force_assurance_reviewer"),
    ),
    "writeForceContext without a force": ("writeForceContext", any_("force_innovation_lead")),
    "createIntegration without a supplier": ("createIntegration", any_("supplier_admin")),
    "finishPilot before its end": ("finishPilot", SRO),
    # Each force of a pilot counts at its own sites, and rates what it used there itself.
    "recordTrialData of a joined force": (
        "recordTrialData",
        ANALYSTS | force_scope("results.write"),
    ),
    "ratePilot of a joined force": ("ratePilot", LEAD),
    # Its people work on it as the leading force's and the supplier's do.
    "addTask of a joined force": ("addTask", EVERY_WORKER),
    "changeTask of a joined force": ("changeTask", FORCE_WORKERS),
    "completeTask of a joined force": ("completeTask", FORCE_WORKERS),
    "postMessage of a joined force": ("postMessage", EVERY_WORKER),
    "pointToPilotDocument of a joined force": (
        "pointToPilotDocument",
        EVERY_WORKER
        | supplier_scope("pilots.respond")
        | force_scope("pilots.respond")
        | {"other force's pilots.respond"}
        | any_("assurance_officer", "programme_officer", "evaluation_adviser"),
    ),
    "recordCheckpoint of a joined force": ("recordCheckpoint", LEAD | SRO),
}
"""Inputs that change who is allowed: above all, an organisation not named is the actor's own."""

WHO = {
    STRANGERS,
    *any_(*(role for roles in ROLES.values() for role in roles), *FURTHER),
    *(f"{s} {kind}'s {c}" for s in ("own", "other") for kind in ("supplier", "force")
      for c in SCOPES),
}  # fmt: skip
"""Everybody by name."""
