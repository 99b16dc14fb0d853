"""One line of JSON for each thing worth knowing, with the request it belongs to."""

import logging
import sys

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from innohub.settings import Settings

TALKATIVE = ("alembic", "arq", "httpx2", "innohub.db.engine.WritePool")
"""Heard from WARNING on. One tells of itself at every look at whether the schema is the newest, one
of each time the bell rang, one names every address called (the delivery log says what came of
it), and SQLAlchemy has its pools say that they end."""


OF_CLIENTS = ("Invalid UTF-8 sequence received from client.",)
"""What uvicorn calls an error, with a traceback, though a client alone made it: anybody could wake
an operator with it."""


class OfClients(logging.Filter):
    """Lowers what only tells of a client to INFO."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.msg in OF_CLIENTS:
            record.levelno, record.levelname, record.exc_info = logging.INFO, "INFO", None
        return True


def configure(settings: Settings) -> None:
    """Send structlog and the standard library's logging to standard output as JSON lines."""
    level = getattr(logging, settings.log_level)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
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
    logging.getLogger("uvicorn.error").addFilter(OfClients())
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, level))


def only_what_goes_wrong() -> None:
    """Send warnings and errors to standard error, and nothing else anywhere."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _json(logger: WrappedLogger, method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str).decode()
