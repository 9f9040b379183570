"""Where the rooms meet: the web application, made from settings."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from app.api import health, problems
from app.api.activities.history import router as history
from app.api.activities.routes import router as activities
from app.api.audit.routes import router as audit
from app.api.batches.routes import files as bulk_files
from app.api.batches.routes import router as batches
from app.api.batches.routes import withdrawals
from app.api.budgets.routes import router as budgets
from app.api.catalogue.routes import router as catalogue
from app.api.consolidation.compare import router as compare
from app.api.consolidation.explain import router as explain
from app.api.consolidation.proposals import router as proposals
from app.api.consolidation.routes import pulling as pulled_reports
from app.api.consolidation.routes import router as consolidation
from app.api.consolidation.summary import router as summary
from app.api.cycles.outages import router as outages
from app.api.cycles.roster import router as roster
from app.api.cycles.routes import router as cycles
from app.api.deps import Front
from app.api.docs.routes import router as docs
from app.api.document import document
from app.api.handover.routes import router as handover
from app.api.joint.routes import router as joint
from app.api.key import router as key
from app.api.limiter import Limiter
from app.api.middleware import Conventions
from app.api.notices.routes import router as notices
from app.api.plans.routes import router as plans
from app.api.reconciliation.routes import router as reconciliation
from app.api.routing import ByResource
from app.api.status.routes import router as status
from app.api.stewardships.routes import router as stewardships
from app.api.submissions.routes import router as submissions
from app.api.templates.routes import router as templates
from app.api.totals.routes import router as totals
from app.api.units.routes import router as units
from app.api.webhooks.events import declare_events
from app.api.webhooks.routes import router as webhooks
from app.clock import Clock
from app.db import make_engine
from app.log import configure
from app.migrate import check_ready
from app.settings import Settings, load_settings
from app.webhooks import webhooks_of

VERSION = "0.1.0"
_OBJECTS_BEFORE_COLLECTING = 20_000


def create_app(settings: Settings) -> FastAPI:
    """Return the web application. Its database is opened and checked when it starts.

    Starting raises NotReady for a database that is not migrated, or whose purpose does not
    allow the simulated clock.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        settings: Settings = app.state.settings
        engine = make_engine(settings.database_url)
        clock = Clock(settings.clock_offset)
        instance = check_ready(engine, clock)
        told = webhooks_of(settings, instance)
        app.state.front = Front(engine, clock, instance, Limiter(settings.rate_limit), told)
        yield
        engine.dispose()

    app = FastAPI(
        title="Baocao",
        version=VERSION,
        lifespan=lifespan,
        redirect_slashes=False,  # behind a proxy it would send clients, with their key, to http:
        openapi_url=None,  # app.api.docs serves the document, compressed, and its page: those
        docs_url=None,  # of the framework load their scripts from other hosts
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    for router in (
        key,
        history,
        activities,
        joint,
        bulk_files,
        withdrawals,
        batches,
        reconciliation,
        totals,
        submissions,
        templates,
        pulled_reports,
        consolidation,
        compare,
        explain,
        summary,
        proposals,
        budgets,
        cycles,
        status,
        roster,
        outages,
        plans,
        units,
        handover,
        stewardships,
        notices,
        webhooks,
        catalogue,
        audit,
    ):
        app.include_router(router, prefix="/v1")
    declare_events(app)
    app.include_router(health.router)
    app.include_router(docs)
    app.add_middleware(Conventions)
    problems.install(app)
    app.router.middleware_stack = ByResource(app.router)

    def openapi() -> dict[str, Any]:
        return document(app)

    app.openapi = openapi  # type: ignore[method-assign]
    app.state.settings = settings
    return app


def app() -> FastAPI:
    """Return the application made from the environment: what the server is started with."""
    settings = load_settings()
    configure(settings.log_level)
    made = create_app(settings)
    # What is here now stays: the collector need not walk through it again and again, and a
    # request makes many small things that reference counting frees.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING)
    return made
