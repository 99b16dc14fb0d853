"""Every page of the hub, and where it is."""

from starlette.routing import BaseRoute, Route

from innohub.graphql.operations import Operations
from innohub.web import assets, live_notices
from innohub.web import documents as files
from innohub.web.atrs.route import DOCUMENT as ATRS_DOCUMENT
from innohub.web.atrs.route import ROUTES as ATRS_ROUTES
from innohub.web.exporting import ROUTES as EXPORT
from innohub.web.organisation_sign_in import ROUTE as ORGANISATION_CALLBACK
from innohub.web.own import SEATS
from innohub.web.pack.record import DOCUMENT as RECORD_DOCUMENT
from innohub.web.pack.record import ROUTE as RECORD
from innohub.web.pack.route import DOCUMENT as PACK_DOCUMENT
from innohub.web.pack.route import ROUTE as PACK
from innohub.web.page import Page
from innohub.web.pages.about.view import PAGE as ABOUT
from innohub.web.pages.accessibility.view import PAGE as ACCESSIBILITY
from innohub.web.pages.account.view import PAGE as ACCOUNT
from innohub.web.pages.account_app.view import PAGE as ACCOUNT_APP
from innohub.web.pages.account_data.view import PAGE as ACCOUNT_DATA
from innohub.web.pages.account_passkeys.view import PAGE as ACCOUNT_PASSKEYS
from innohub.web.pages.account_password.view import PAGE as ACCOUNT_PASSWORD
from innohub.web.pages.appraisal.view import PAGE as APPRAISAL
from innohub.web.pages.assurance.view import PAGE as ASSURANCE
from innohub.web.pages.assurance_item.view import PAGE as ASSURANCE_ITEM
from innohub.web.pages.authorise.view import ROUTE as AUTHORISE
from innohub.web.pages.calendar.feed import DOCUMENTS as CALENDAR_DOCUMENTS
from innohub.web.pages.calendar.feed import ROUTES as CALENDAR_ROUTES
from innohub.web.pages.calendar.view import PAGE as CALENDAR
from innohub.web.pages.challenge.view import PAGE as CHALLENGE
from innohub.web.pages.challenge_need.view import NEW as NEW_CHALLENGE
from innohub.web.pages.challenge_need.view import PAGE as EDIT_CHALLENGE
from innohub.web.pages.challenge_response.view import PAGE as CHALLENGE_RESPONSE
from innohub.web.pages.challenges.view import PAGE as CHALLENGES
from innohub.web.pages.compare.view import PAGE as COMPARE
from innohub.web.pages.confirm.view import PAGE as CONFIRM
from innohub.web.pages.connector_guide.view import PAGE as CONNECTOR_GUIDE
from innohub.web.pages.decision.view import PAGE as DECISION
from innohub.web.pages.decisions.view import PAGE as DECISIONS
from innohub.web.pages.declare_assurance.view import PAGE as DECLARE_ASSURANCE
from innohub.web.pages.delivery.view import PAGE as DELIVERY
from innohub.web.pages.earlier_pilots.view import PAGE as EARLIER_PILOTS
from innohub.web.pages.emmie.view import PAGE as EMMIE
from innohub.web.pages.events.view import FILE as EVENTS_FILE
from innohub.web.pages.events.view import PAGE as EVENTS
from innohub.web.pages.evidence.taking import FILES as EVIDENCE_FILES
from innohub.web.pages.evidence.view import PAGE as EVIDENCE
from innohub.web.pages.force.view import PAGE as FORCE
from innohub.web.pages.force_context.view import PAGE as FORCE_CONTEXT
from innohub.web.pages.forces.view import PAGE as FORCES
from innohub.web.pages.graphiql.view import ROUTE as GRAPHIQL
from innohub.web.pages.home.view import PAGE as HOME
from innohub.web.pages.import_.view import OUTCOME as IMPORT_OUTCOME
from innohub.web.pages.import_.view import PAGE as IMPORT
from innohub.web.pages.imports.view import PAGE as IMPORTS
from innohub.web.pages.integration.consent import ROUTE as INTEGRATION_CALLBACK
from innohub.web.pages.integration.inbound import ROUTE as INTEGRATION_INBOUND
from innohub.web.pages.integration.view import PAGE as INTEGRATION
from innohub.web.pages.integration_mapping.view import PAGE as INTEGRATION_MAPPING
from innohub.web.pages.integration_reconcile.view import PAGE as INTEGRATION_RECONCILE
from innohub.web.pages.integrations.view import PAGE as INTEGRATIONS
from innohub.web.pages.kpis.view import PAGE as KPIS
from innohub.web.pages.listing.view import PAGE as LISTING
from innohub.web.pages.listing_documents.view import PAGE as LISTING_DOCUMENTS
from innohub.web.pages.listings.view import PAGE as LISTINGS
from innohub.web.pages.lock_search.view import PAGE as LOCK_SEARCH
from innohub.web.pages.locked_search.view import PAGE as LOCKED_SEARCH
from innohub.web.pages.locked_search.view import REPLAY
from innohub.web.pages.mailbox.view import PAGE as MAILBOX
from innohub.web.pages.merger.view import PAGE as MERGER
from innohub.web.pages.merger.view import PREVIEW as MERGER_PREVIEW
from innohub.web.pages.merger.view import SUCCESSOR
from innohub.web.pages.new_integration.view import PAGE as NEW_INTEGRATION
from innohub.web.pages.new_listing.view import PAGE as NEW_LISTING
from innohub.web.pages.new_pool.view import PAGE as NEW_POOL
from innohub.web.pages.new_program.view import PAGE as NEW_PROGRAM
from innohub.web.pages.new_round.view import PAGE as NEW_ROUND
from innohub.web.pages.new_saving.view import PAGE as NEW_SAVING
from innohub.web.pages.notice_preferences.view import PAGE as NOTICE_PREFERENCES
from innohub.web.pages.notices.view import PAGE as NOTICES
from innohub.web.pages.open_data.packages import DOCUMENT as OCDS_DOCUMENT
from innohub.web.pages.open_data.packages import ROUTES as OCDS_ROUTES
from innohub.web.pages.open_data.view import PAGE as OPEN_DATA
from innohub.web.pages.opened.view import DECISION as OPENED_DECISION
from innohub.web.pages.opened.view import PAGE as OPENED
from innohub.web.pages.organisation.view import NAMED as NAMED_ORGANISATION
from innohub.web.pages.organisation.view import PAGE as ORGANISATION
from innohub.web.pages.organisations.view import PAGE as ORGANISATIONS
from innohub.web.pages.passport.view import PAGE as PASSPORT
from innohub.web.pages.pilot.taking import DOCUMENT as TAKEN_RESULT
from innohub.web.pages.pilot.taking import FILES as RESULT_FILES
from innohub.web.pages.pilot.view import PAGE as PILOT
from innohub.web.pages.pilot_checkpoints.view import PAGE as PILOT_CHECKPOINTS
from innohub.web.pages.pilot_documents.view import PAGE as PILOT_DOCUMENTS
from innohub.web.pages.pilot_messages.view import PAGE as PILOT_MESSAGES
from innohub.web.pages.pilot_tasks.view import PAGE as PILOT_TASKS
from innohub.web.pages.pilot_timeline.view import PAGE as PILOT_TIMELINE
from innohub.web.pages.pilots.view import PAGE as PILOTS
from innohub.web.pages.pool.view import PAGE as POOL
from innohub.web.pages.pool_baseline.view import PAGE as POOL_BASELINE
from innohub.web.pages.pool_quote.view import PAGE as POOL_QUOTE
from innohub.web.pages.pools.view import PAGE as POOLS
from innohub.web.pages.price.view import PAGE as PRICE
from innohub.web.pages.program.view import PAGE as PROGRAM
from innohub.web.pages.programs.view import PAGE as PROGRAMS
from innohub.web.pages.protocol.view import PAGE as PROTOCOL
from innohub.web.pages.provider.view import PAGE as PROVIDER
from innohub.web.pages.rated.view import PAGE as RATED
from innohub.web.pages.rating.view import PAGE as RATING
from innohub.web.pages.register.view import FILES as REGISTER_FILES
from innohub.web.pages.register.view import LISTING as REGISTER_LISTING
from innohub.web.pages.register.view import PAGE as REGISTER
from innohub.web.pages.request_pilot.view import PAGE as REQUEST_PILOT
from innohub.web.pages.results.view import PAGE as RESULTS
from innohub.web.pages.results.view import TEMPLATES as RESULTS_TEMPLATES
from innohub.web.pages.round.view import PAGE as ROUND
from innohub.web.pages.round_moderation.view import PAGE as ROUND_MODERATION
from innohub.web.pages.rounds.view import PAGE as ROUNDS
from innohub.web.pages.sample_size.view import PAGE as SAMPLE_SIZE
from innohub.web.pages.saving.view import PAGE as SAVING
from innohub.web.pages.savings.taking import DOCUMENTS as SAVINGS_DOCUMENTS
from innohub.web.pages.savings.taking import FILES as SAVINGS_FILES
from innohub.web.pages.savings.view import PAGE as SAVINGS
from innohub.web.pages.score.view import PAGE as SCORE
from innohub.web.pages.searches.view import PAGE as SEARCHES
from innohub.web.pages.sign_in.view import PAGE as SIGN_IN
from innohub.web.pages.sign_in_second.view import PAGE as SIGN_IN_SECOND
from innohub.web.pages.sign_out.ended import ROUTE as END_SESSION
from innohub.web.pages.sign_out.view import PAGE as SIGN_OUT
from innohub.web.pages.supplier.view import PAGE as SUPPLIER
from innohub.web.pages.synonyms.view import PAGE as SYNONYMS
from innohub.web.pages.technologies.view import PAGE as TECHNOLOGIES
from innohub.web.pages.technologies.view import READING
from innohub.web.pages.technology.view import PAGE as TECHNOLOGY
from innohub.web.pages.trial_upload.view import PAGE as TRIAL_UPLOAD
from innohub.web.pages.trial_upload.view import PROBLEMS as UPLOAD_PROBLEMS
from innohub.web.pages.versions.view import PAGE as VERSIONS
from innohub.web.reading import HEADER, Document
from innohub.web.refusals import exception_handlers, render_fault
from innohub.web.rendering import templates
from innohub.web.userinfo import ROUTE as USERINFO

PAGES: list[Page] = [
    HOME,
    TECHNOLOGIES,
    TECHNOLOGY,
    PASSPORT,
    EVIDENCE,
    COMPARE,
    VERSIONS,
    SUPPLIER,
    FORCES,
    FORCE,
    FORCE_CONTEXT,
    KPIS,
    LISTINGS,
    NEW_LISTING,
    LISTING,
    DECLARE_ASSURANCE,
    ASSURANCE,
    ASSURANCE_ITEM,
    SYNONYMS,
    LISTING_DOCUMENTS,
    IMPORTS,
    IMPORT,
    SEARCHES,
    LOCK_SEARCH,
    LOCKED_SEARCH,
    DECISIONS,
    DECISION,
    PRICE,
    POOLS,
    NEW_POOL,
    POOL,
    POOL_QUOTE,
    CHALLENGES,
    NEW_CHALLENGE,
    CHALLENGE,
    EDIT_CHALLENGE,
    CHALLENGE_RESPONSE,
    PILOTS,
    REGISTER,
    EARLIER_PILOTS,
    OPEN_DATA,
    POOL_BASELINE,
    SAVINGS,
    NEW_SAVING,
    SAVING,
    SAMPLE_SIZE,
    REQUEST_PILOT,
    PILOT,
    PILOT_TASKS,
    PILOT_DOCUMENTS,
    PILOT_MESSAGES,
    PILOT_CHECKPOINTS,
    PILOT_TIMELINE,
    PROTOCOL,
    RESULTS,
    APPRAISAL,
    EMMIE,
    TRIAL_UPLOAD,
    RATING,
    RATED,
    ROUNDS,
    NEW_ROUND,
    ROUND,
    ROUND_MODERATION,
    SCORE,
    PROGRAM,
    PROGRAMS,
    NEW_PROGRAM,
    INTEGRATIONS,
    NEW_INTEGRATION,
    CONNECTOR_GUIDE,
    INTEGRATION,
    INTEGRATION_MAPPING,
    INTEGRATION_RECONCILE,
    DELIVERY,
    EVENTS,
    NOTICES,
    NOTICE_PREFERENCES,
    MAILBOX,
    OPENED,
    CALENDAR,
    SIGN_IN,
    SIGN_IN_SECOND,
    ORGANISATIONS,
    ORGANISATION,
    MERGER,
    PROVIDER,
    ACCOUNT,
    ACCOUNT_DATA,
    ACCOUNT_APP,
    ACCOUNT_PASSKEYS,
    ACCOUNT_PASSWORD,
    CONFIRM,
    SIGN_OUT,
    ABOUT,
    ACCESSIBILITY,
]


def routes() -> list[BaseRoute]:
    """For Starlette, in the order in which addresses are tried."""
    return [
        *(page.route() for page in PAGES),
        *RESULTS_TEMPLATES,
        UPLOAD_PROBLEMS,
        *REGISTER_FILES,
        *EXPORT,
        EVENTS_FILE,
        *EVIDENCE_FILES,
        *RESULT_FILES,
        *OCDS_ROUTES,
        *SAVINGS_FILES,
        IMPORT_OUTCOME,
        *files.ROUTES,
        PACK,
        RECORD,
        *ATRS_ROUTES,
        *CALENDAR_ROUTES,
        INTEGRATION_CALLBACK,
        ORGANISATION_CALLBACK,
        INTEGRATION_INBOUND,
        AUTHORISE,
        END_SESSION,
        USERINFO,
        GRAPHIQL,
        Route("/static/{path:path}", assets.serve, name="static"),
        Route("/favicon.ico", assets.favicon),
    ]


def documents() -> list[str]:
    """The texts of the pages' own documents."""
    return [
        *(text for one in _read_by_pages() for text in one.sources),
        live_notices.ARRIVED,
        live_notices.UNREAD,
    ]


def _read_by_pages() -> list[Document]:
    return [
        SEATS,
        HEADER,
        READING,
        REPLAY,
        files.KNOWN,
        PACK_DOCUMENT,
        RECORD_DOCUMENT,
        ATRS_DOCUMENT,
        REGISTER_LISTING,
        OCDS_DOCUMENT,
        *SAVINGS_DOCUMENTS,
        TAKEN_RESULT,
        OPENED_DECISION,
        NAMED_ORGANISATION,
        SUCCESSOR,
        MERGER_PREVIEW,
        *CALENDAR_DOCUMENTS,
        *(page.document for page in PAGES if page.document),
    ]


def check(operations: Operations) -> None:
    """Find at start-up what would fail in front of a user.

    Raises ReadFailed for a document that the schema does not accept, a TemplateError for a template
    that does not compile, InnoHubError where the front-end packages were not fetched.
    """
    assets.all_assets()
    for document in _read_by_pages():
        document.check(operations)
    for page in PAGES:
        templates().get_template(page.template)


__all__ = ["PAGES", "check", "exception_handlers", "render_fault", "routes"]
