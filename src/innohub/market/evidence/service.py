"""Evidence: data in, results computed and confirmed, and their publication."""

from innohub.market.evidence.answering import mark_answered
from innohub.market.evidence.appraisal.service import appraise
from innohub.market.evidence.emmie.service import record_emmie
from innohub.market.evidence.literature import record_literature
from innohub.market.evidence.observing.batches import add_observations, open_upload
from innohub.market.evidence.observing.confirming import abandon_upload, record_upload
from innohub.market.evidence.observing.receiving import receive
from innohub.market.evidence.observing.running import check_due, sweep_uploads
from innohub.market.evidence.pooled import pool_anew, pool_for_challenge
from innohub.market.evidence.publication import comment, decide, publish_due
from innohub.market.evidence.recording import newest_dataset, record_data
from innohub.market.evidence.reporting import confirm, newest_result, report
from innohub.market.evidence.reproducing import answering, published, reproduce
from innohub.market.evidence.stopping import stop
from innohub.market.evidence.supplying import supply

__all__ = [
    "abandon_upload", "add_observations", "answering", "appraise", "check_due", "comment",
    "confirm", "decide", "mark_answered", "newest_dataset", "newest_result", "open_upload",
    "pool_anew", "pool_for_challenge", "publish_due", "published", "receive", "record_data",
    "record_emmie", "record_literature", "record_upload", "report", "reproduce", "stop", "supply",
    "sweep_uploads",
]  # fmt: skip
