"""Logs as JSON lines on standard error, ours and the libraries' alike."""

import logging
import re
import sys
from typing import Any, Final

import structlog

# API keys (app.domain.access) and webhooks' secrets have forms of their own. One that a client
# puts into a path, or that stands in an error's text, is not written down.
_KEY: Final = re.compile(r"baocao_[0-9A-Za-z]{8,}|whsec_[0-9A-Za-z+/]{8,}=*")


def configure(level: str) -> None:
    """Send all logs, as JSON lines, to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
                _hide_keys,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers[:] = []
        logging.getLogger(name).propagate = True
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True  # our own line says more


def _hide_keys(_logger: Any, _method: str, line: Any) -> Any:
    return _KEY.sub(lambda found: f"{found[0].partition('_')[0]}_…", line)
