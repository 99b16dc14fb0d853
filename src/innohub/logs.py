"""One line of JSON for each thing worth knowing, with the request it belongs to."""

import logging
import sys

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from innohub.settings import Settings


def configure(settings: Settings) -> None:
    """Send structlog and the standard library's logging to standard output as JSON lines."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _json],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    # It would name every address called; the delivery log says what happened.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    # It would tell of itself at every look at whether the schema is the newest.
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _json(logger: WrappedLogger, method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str).decode()
