"""The GraphQL operations of the demonstration, as any client would write them."""

from innohub.cli.calling import Change


def _technology(verb: str) -> Change:
    name = f"{verb[0].upper()}{verb[1:]}Input"
    return Change(verb, name, "TechnologyPayload", "technology { id slug name state revision }")


def _pilot(verb: str) -> Change:
    return Change(
        verb,
        f"{verb[0].upper()}{verb[1:]}Input",
        "PilotPayload",
        "pilot { id number state revision protocol { hash revision } }",
    )


def _round(verb: str) -> Change:
    selection = "round { id number title state revision }"
    return Change(verb, f"{verb[0].upper()}{verb[1:]}Input", "RoundPayload", selection)


DRAFT = _technology("draftTechnology")
WRITE_SECTION = _technology("writeSection")
SUBMIT = _technology("submitTechnology")
APPROVE_LISTING = _technology("approveTechnology")
DECLARE_ITEM = Change(
    "declareAssurance", "DeclareItemInput", "AssuranceItemPayload", "item { id status }"
)
VERIFY_ITEM = Change(
    "verifyAssurance", "VerifyItemInput", "AssuranceItemPayload", "item { id status }"
)

QUOTE = Change("submitQuote", "SubmitQuoteInput", "QuotePayload", "quote { id number }")
REQUEST_PILOT = _pilot("requestPilot")
ACCEPT = _pilot("acceptPilot")
DECLINE = _pilot("declinePilot")
APPROVE_PILOT = _pilot("approvePilot")
SIGN = _pilot("signAssurance")
PROPOSE_PROTOCOL = _pilot("proposeProtocol")
LOCK_PROTOCOL = _pilot("lockProtocol")
START = _pilot("startPilot")
FINISH = _pilot("finishPilot")
COMMENT = _pilot("commentOnResult")
SET_COSTS = _pilot("setCosts")
DECIDE = _pilot("decidePilot")
RECORD = Change(
    "recordTrialData",
    "RecordTrialDataInput",
    "TrialDatasetPayload",
    "__typename",
)
RESULT = "result { id effect lower upper verdict confirmedAt }"
REPORT = Change("reportResult", "ReportResultInput", "ResultPayload", RESULT)
CONFIRM = Change("confirmResult", "ConfirmResultInput", "ResultPayload", RESULT)
RATE = Change("ratePilot", "RatePilotInput", "RatingPayload", "rating { id overall }")

PLAN_ROUND = _round("planRound")
ADD_ITEM = Change(
    "addRoundItem", "AddItemInput", "RoundItemPayload", "item { id technology { name } }"
)
OPEN_ROUND = _round("openRound")
CLOSE_ENTRIES = _round("closeEntries")
START_SCORING = _round("startScoring")
CLOSE_SCORING = _round("closeScoring")
RANK = _round("rankRound")
START_STANDSTILL = _round("startStandstill")
FINISH_ROUND = _round("finishRound")
DECLARE_INTEREST = Change(
    "declareInterest", "DeclareInterestInput", "InterestPayload", "interest { id kind action }"
)
RESOLVE_INTEREST = Change(
    "resolveInterest", "ResolveInterestInput", "InterestPayload", "interest { id action }"
)
SCORE = Change("scoreItem", "ScoreItemInput", "RoundItemPayload", "item { id }")

CONNECT = Change(
    "createIntegration",
    "CreateConnectionInput",
    "CreatedIntegrationPayload",
    "integration { id number } signingSecret",
)
CHANGE_CONNECTION = Change(
    "changeIntegration", "ChangeConnectionInput", "IntegrationPayload", "integration { state }"
)
PAUSE = Change(
    "pauseIntegration", "PauseConnectionInput", "IntegrationPayload", "integration { state }"
)
REPLAY = Change(
    "replayDelivery", "ReplayDeliveryInput", "DeliveryPayload", "delivery { id number }"
)

WHO_AM_I = "{ viewer { name personId } }"
PILOT = """
query ($id: ID!) {
  pilot(id: $id) {
    id number state revision
    overlapChoice overlaps { because other { number } } earlierOverlaps { because }
    result { scale effect lower upper grade verdict publishedAt }
  }
}
"""
DATASETS = """
query ($id: ID!) { pilot(id: $id) { datasets { nodes { version source cells cellsHash } } } }
"""
OF_TECHNOLOGY = """
query ($slug: String!) {
  technology(slug: $slug) {
    id state bestGrade results { totalCount } rating { count shrunkMean }
    pilots(first: 100) { nodes { id number kpi state } }
  }
}
"""
BY_EVIDENCE = """
{ technologies(first: 50, orderBy: EVIDENCE) { nodes { id name priceQuoted supplier { slug } } } }
"""
ROUND = """
query ($id: ID!) {
  round(id: $id) {
    id number state
    criteria { criterion weight }
    items { id evidenceCap total rank decision decisionReason technology { id name slug } }
  }
}
"""
INTEGRATION = """
query ($id: ID!) {
  integration(id: $id) {
    state waiting delivered dead
    deliveries(first: 100, filter: { state: [DEAD_LETTER] }) {
      nodes { id number eventType detail attemptCount }
    }
  }
}
"""
DELIVERED = """
query ($id: ID!, $after: String) {
  integration(id: $id) {
    deliveries(first: 100, after: $after, filter: { state: [DELIVERED] }) {
      nodes { eventType stream seq }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
