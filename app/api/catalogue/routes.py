"""Indicators and code lists."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.catalogue.schemas import (
    CodeOut,
    CodePage,
    CodeQuery,
    IndicatorOut,
    IndicatorPage,
    IndicatorQuery,
)
from app.api.contract.refusing import refuses
from app.api.deps import CanReadReference
from app.api.pagination import ListOf, NextPage
from app.api.strict import StrictRoute
from app.domain.catalogue.models import CodeEntry, IndicatorVersion
from app.domain.catalogue.queries import codes, indicators
from app.domain.errors import NotFound
from app.domain.plans.queries import get_plan

router = APIRouter(tags=["Catalogue"], route_class=StrictRoute)

INDICATORS: ListOf[IndicatorVersion] = ListOf("indicators", lambda row: (row.indicator_code,))
CODES: ListOf[CodeEntry] = ListOf("codes", lambda row: (row.list, row.code))


@router.get("/indicators", responses=refuses(NotFound))
def list_indicators(
    caller: CanReadReference, query: Annotated[IndicatorQuery, Query()], link: NextPage
) -> IndicatorPage:
    """List a plan's indicators: what can be measured for which item, and how it adds."""
    get_plan(caller.session, query.plan)
    found = indicators(caller.session, plan=query.plan)
    narrowed = [row for row in found if query.item is None or query.item in row.items]
    rows, cursor = INDICATORS.page_of_all(narrowed, query, secret=caller.cursor_secret)
    return IndicatorPage(items=[IndicatorOut.of(row) for row in rows], next=link(cursor))


@router.get("/codes")
def list_codes(
    caller: CanReadReference, query: Annotated[CodeQuery, Query()], link: NextPage
) -> CodePage:
    """List the codes of the lists: channels, formats, languages, funding sources."""
    found = codes(caller.session, list_=query.list)
    narrowed = [row for row in found if query.on is None or query.on in row.period]
    rows, cursor = CODES.page_of_all(narrowed, query, secret=caller.cursor_secret)
    return CodePage(items=[CodeOut.of(row) for row in rows], next=link(cursor))
