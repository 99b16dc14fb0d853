"""Queries that list everything there is, from every root field, with ids and counts."""

from innohub.graphql.schema import schema

FACETS = "facets { " + " ".join(
    f"{name} {{ value count }}" for name in (
        "category", "trl", "pilotedBy", "rating", "capability", "verdict", "bestGrade", "assurance"
    )
) + " }"  # fmt: skip
TECHNOLOGY = """
    id activePilotCount supplier { id } capabilities { value } sections { section }
    assurance(first: 50) { totalCount nodes { id } } documents { id isPublic mine }
    currentVersion { id } latestVersion { id } versions { totalCount nodes { id } }
    draft { id sections { section } } pilotingForces { id }
    pilots(first: 30) { totalCount nodes { id } }
    results(first: 30) { totalCount nodes { id pilot { id } technology { id } } }
    ratings(first: 10) { totalCount nodes {
        id comment reply force { id } version { id } pilot { id } } }
    priceQuoted quotes { totalCount nodes { id } }
"""
ITEM = """
    id holder evidence judgement verifiedBy technology { id } renews { id }
    renewals { totalCount nodes { id } }
    responses { id force { id } item { id } additions { part } }
    earlierResponses { totalCount nodes { id } }
    documents { id isPublic mine }
"""
PILOT = """
    id closingReason decision decisionReason supplierComment commentDueOn supplierAnsweredAt
    technology { id } supplier { id } force { id } version { id }
    newerVersions(first: 4) { nodes { id } } challenge { id }
    protocol { id proposedBy outcomes { id datasets(first: 3) { nodes { id } } } }
    steps(first: 12) { totalCount nodes { id } }
    result { id outcomeEffects { id outcome { id } } }
    appraisal { id appraisedBy netPence }
    sites(first: 2) {
        id emmie { id recordedBy } earlierEmmie(first: 2) { nodes { id recordedBy } } }
    datasets(first: 3) { totalCount nodes { id recordedBy force { id } outcome { id } } }
    furtherForces { id recordedAt }
    overlaps { other { id } } earlierOverlaps { earlier { id } }
    ratings(first: 3) { id technology { id } earlier(first: 3) { nodes { id comment reply } } }
    tasks(first: 5) { totalCount nodes { id ownerName owner { id } pilot { id } } }
    checkpoints(first: 5) { nodes { id } } colleagues(first: 12) { nodes { id } }
    supplierNotes(first: 2) { nodes { id integration { id } } }
    messages(first: 10) { totalCount nodes { id } } documents { id isPublic mine }
"""
ROUND = """
    id seated recused ofBoard criteria { criterion }
    members { id mine leftBecause person { id } }
    items {
        id total flagged technology { id } version { id } interests { id mine } scores { id mine }
        reviews { nodes { id } } gates { gate } variations { criterion }
        moderation { id approvals { id } }
    }
"""
INTEGRATION = """
    id waiting delivered dead supplier { id } mapping { id version }
    mappings(first: 5) { totalCount nodes { id madeBy } }
    deliveries(first: 100) { totalCount nodes { id attempts(first: 10) { nodes { id } } } }
    reconciliations(first: 4) { nodes {
        id integration { id }
        discrepancies(first: 20) { totalCount nodes { id delivery { id } } }
    } }
"""
CHALLENGE = """
    id noticeText following sponsoring sponsorCount questionCount force { id } mergedInto { id }
    furtherForces { id force { id } } questions(first: 10) { totalCount nodes { id mine } }
    responses(first: 10) { totalCount nodes {
        id mine supplier { id } technology { id } version { id } challenge { id } } }
    mergers(first: 5) { nodes { id challenge { id } into { id } } } similar { challenge { id } }
    pilots(first: 10) { totalCount nodes { id } }
    pooledEffects { id trials { id } challenge { id } }
    matchingListings { technology { id } } pastPilots { pilot { id } }
"""
DECISION = """
    id mine force { id } pilot { id } challenge { id } delegation { id mine counts }
    colleagues(first: 50) { nodes { id } }
"""
POOL = """
    id countedQuantity forceCount technology { id } challenge { id } roundItem { id }
    invitations { id mine technology { id } supplier { id } }
    offers { id quote { id } parts { force { id } } }
    commitments { id mine force { id } } ledger(first: 20) { nodes { id } }
    award { id quote { id } shares { id mine force { id } } }
    callOffs(first: 10) { nodes { id mine force { id } } }
"""
CONTEXT = """
    peerGroup size rmsPlatform commandAndControl digitalEvidenceSystem networks deviceFleet
    hostingPolicy maxClassification vettingRequired unionConsultationDays ethicsCommittee
"""
DOCUMENTS = {
    "catalogueImports": """{ catalogueImports(first: 20) { totalCount nodes { id supplier { id }
        items(first: 20) { totalCount nodes { id technology { id supplierReference } } } } } }""",
    "technologies": f"{{ technologies(first: 100) {{ totalCount {FACETS} nodes {{ id }} }} }}",
    "listings": f"{{ listings(first: 50) {{ totalCount {FACETS} nodes {{ {TECHNOLOGY} }} }} }}",
    "reviewQueue": "{ reviewQueue(first: 100) { totalCount nodes { id technology { id } } } }",
    "supplierInterests": """{ supplierInterests(first: 100) {
        totalCount nodes { id mine supplier { id } } } }""",
    "pilots": f"{{ pilots(first: 95) {{ totalCount nodes {{ {PILOT} }} }} }}",
    "assuranceItems": f"{{ assuranceItems(first: 100) {{ totalCount nodes {{ {ITEM} }} }} }}",
    "results": """{ results(first: 100) {
        totalCount nodes { id pilot { id } technology { id } } } }""",
    "rounds": f"{{ rounds(first: 20) {{ totalCount nodes {{ {ROUND} }} }} }}",
    "challenges": f"{{ challenges(first: 100) {{ totalCount nodes {{ {CHALLENGE} }} }} }}",
    "decisions": f"{{ decisions(first: 100) {{ totalCount nodes {{ {DECISION} }} }} }}",
    "boardMembers": "{ boardMembers(first: 100) { totalCount nodes { id } } }",
    "delegations": """{ delegations(first: 100) {
        nodes { id mine counts force { id } decision { id } } } }""",
    "decisionsDone": "{ decisionsDone(first: 100) { totalCount nodes { id } } }",
    "challengeResponses": "{ challengeResponses(first: 100) { totalCount nodes { id mine } } }",
    "savings": """{ savings(first: 100) { totalCount nodes {
        id mine force { id } baseline { id force { id } } } } }""",
    "savingsBaselines": """{ savingsBaselines(first: 100) { totalCount nodes {
        id force { id } } } }""",
    "supplierTransactions": """{ supplierTransactions(first: 100) { totalCount nodes {
        id force { id } supplier { id } } } }""",
    "quotes": """{ quotes(first: 100) { totalCount nodes {
        id mine tiers { number } supplier { id } technology { id } version { id } } } }""",
    "pools": f"{{ pools(first: 100) {{ totalCount nodes {{ {POOL} }} }} }}",
    "integrations": f"{{ integrations(first: 20) {{ totalCount nodes {{ {INTEGRATION} }} }} }}",
    "savedSearches": "{ savedSearches(first: 100) { totalCount nodes { id } } }",
    "lockedSearches": """{ lockedSearches(first: 100) { totalCount nodes {
        id force { id } results { place technology { id } version { id } } } } }""",
    "synonyms": "{ synonyms(first: 100) { totalCount nodes { id } } }",
    "earlierPilots": """{ earlierPilots(first: 100) { totalCount nodes {
        id force { id } technology { id } } } }""",
    "localKpis": "{ localKpis(first: 100) { totalCount nodes { id force { id } } } }",
    "events": "{ events(first: 100) { totalCount nodes { id } } }",
    "calendarFeed": "{ calendarFeed { id } }",
    "account": """{ account {
        id email passkeys { id } sessions(first: 100) { nodes { id } }
        consents(first: 100) { nodes { id } } } }""",
    "apiClients": "{ apiClients(first: 100) { totalCount nodes { id clientId } } }",
    "noticePreferences": "{ noticePreferences { id cadence choices { id } } }",
    "notices": "{ notices(first: 100) { totalCount nodes { id } } }",
    "suppliers": """{ suppliers(first: 100) { totalCount nodes {
        id debarments { nodes { id } } formerEntries { nodes { slug } }
        pilots(first: 50) { totalCount nodes { id } } } } }""",
    "forces": f"""{{ forces {{
        id formerEntries {{ nodes {{ slug }} }}
        pilots(first: 50) {{ totalCount nodes {{ id }} }} context {{ {CONTEXT} }} }} }}""",
}
"""One for each root field that lists rows without an argument."""
WALKED = [
    ("listings", "Technology", "assurance"),
    ("challenges", "Challenge", "responses"),
]
"""Lists below rows of which some eyes see only a part: read by pages."""
FIRST_PAGES = """{{ {root}(first: 6) {{ nodes {{
    id list: {list}(first: 1) {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }}
}} }} }}"""
NEXT_PAGE = """query ($id: ID!, $after: String) {{ node(id: $id) {{ ... on {kind} {{
    list: {list}(first: 2, after: $after) {{
        totalCount nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }} }} }}"""
SUPPLIER = f"""query ($slug: String!) {{ supplier(slug: $slug) {{
    id technologies(first: 50) {{ totalCount {FACETS} nodes {{ id }} }}
    pilots(first: 50) {{ totalCount nodes {{ id }} }} }} }}"""
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
TALLIES = """{
    passport { response count }
    assuranceItems(first: 100) { nodes {
        id answers { acceptedAsIs acceptedWithLocalAddendum needsLocalAssessment rejected }
        technology {
            id passportAnswers {
                acceptedAsIs acceptedWithLocalAddendum needsLocalAssessment rejected } } } } }"""
SIMILAR = """query ($technology: ID!, $kpi: String!, $challenge: ID) {
    similarPilots(technologyId: $technology, kpi: $kpi, challengeId: $challenge, first: 100) {
        nodes { id } }
    similarEarlierPilots(technologyId: $technology, kpi: $kpi, first: 100) { nodes { id } } }"""
SINGLES = {
    "Technology": "query ($key: String!) { one: technology(slug: $key) { id } }",
    "Pilot": "query ($key: ID!) { one: pilot(id: $key) { id } }",
    "AssuranceItem": "query ($key: ID!) { one: assuranceItem(id: $key) { id } }",
    "Rating": "query ($key: ID!) { one: rating(id: $key) { id } }",
    "Round": "query ($key: ID!) { one: round(id: $key) { id } }",
    "Challenge": "query ($key: ID!) { one: challenge(id: $key) { id } }",
    "Saving": "query ($key: ID!) { one: saving(id: $key) { id } }",
    "Pool": "query ($key: ID!) { one: pool(id: $key) { id } }",
    "Quote": "query ($key: ID!) { one: quote(id: $key) { id } }",
    "Decision": "query ($key: ID!) { one: decision(id: $key) { id } }",
    "Integration": "query ($key: ID!) { one: integration(id: $key) { id } }",
    "CatalogueImport": "query ($key: ID!) { one: catalogueImport(id: $key) { id } }",
    "TrialUpload": "query ($key: ID!) { one: trialUpload(id: $key) { id } }",
    "Document": "query ($key: ID!) { one: document(id: $key) { id } }",
    "Delivery": "query ($key: ID!) { one: delivery(id: $key) { id } }",
    "LockedSearch": "query ($key: ID!) { one: lockedSearch(id: $key) { id } }",
}
"""Root fields for one row by its key."""
ASKED_ELSEWHERE = {
    "listingDifference",
    "possibleDuplicates",
    "viewer",
    "searchReading",
    "searchReplay",
    "sampleSize",
    "mappingPreview",
    "mergerPreview",
    "eventTypes",
    "node",
    "nodes",
    "force",
    "supplier",
    "similarPilots",
    "similarEarlierPilots",
    "ocdsReleases",
    "pricesPaid",
    "savedByClass",
    "savedByForce",
    "spentByForce",
    "reference",
    "passport",
}


def root_fields() -> set[str]:
    root = schema._schema.query_type
    assert root is not None
    return set(root.fields)


def types_with_ids() -> set[str]:
    """GraphQL types whose rows have a global id, organisations apart."""
    types = schema._schema.type_map
    node = types["Node"]
    organisation = types["Organisation"]
    return {
        found.name
        for found in schema._schema.get_possible_types(node)  # type: ignore[arg-type]
        if organisation not in found.interfaces
    }
