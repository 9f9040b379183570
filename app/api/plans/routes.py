"""Plans: the document, its themes and items, who is to do what."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.api.contract.refusing import refuses
from app.api.deps import CanReadReference
from app.api.pagination import ListOf, ListQuery, NextPage
from app.api.paths import PlanInPath
from app.api.plans.schemas import (
    AssignmentOut,
    AssignmentPage,
    AssignmentQuery,
    GroupPage,
    GroupQuery,
    ItemOut,
    ItemPage,
    ItemQuery,
    PlanHeadOut,
    PlanOut,
    PlanPage,
    ThemeOut,
    ThemePage,
    ThemeQuery,
    UnitGroupOut,
)
from app.api.strict import StrictRoute
from app.domain.assignments.models import UnitGroup, UnitGroupRule
from app.domain.assignments.queries import Assigned, assignments_on, groups, members
from app.domain.errors import NotFound
from app.domain.plans.document import PlanDocument
from app.domain.plans.models import ContentTheme, Plan, PlanItem
from app.domain.plans.queries import get_plan as plan_by_slug
from app.domain.plans.queries import items, plans, themes
from app.domain.units.queries import resolve

router = APIRouter(tags=["Plans"], route_class=StrictRoute)

PLANS: ListOf[Plan] = ListOf("plans", lambda row: (row.slug,))
THEMES: ListOf[ContentTheme] = ListOf("content-themes", lambda row: (row.plan_slug, row.code))
ITEMS: ListOf[PlanItem] = ListOf("plan-items", lambda row: (row.plan_slug, row.code))
ASSIGNMENTS: ListOf[Assigned] = ListOf("assignments", lambda row: (str(row.assignment.id),))
GROUPS: ListOf[tuple[UnitGroup, UnitGroupRule]] = ListOf("unit-groups", lambda row: (row[0].key,))


@router.get("/plans")
def list_plans(
    caller: CanReadReference, query: Annotated[ListQuery, Query()], link: NextPage
) -> PlanPage:
    """List the plans."""
    rows, cursor = PLANS.page_of_all(plans(caller.session), query, secret=caller.cursor_secret)
    return PlanPage(items=[PlanHeadOut.of(row) for row in rows], next=link(cursor))


@router.get("/plans/{plan}")
def get_plan(caller: CanReadReference, plan: PlanInPath) -> PlanOut:
    """Read a plan with its whole transcription: legal basis, purposes, requirements and all."""
    row = plan_by_slug(caller.session, plan)
    document: Any = PlanDocument.model_validate(row.document, strict=False)
    return PlanOut(**PlanHeadOut.of(row).model_dump(), document=document)


@router.get("/content-themes", responses=refuses(NotFound))
def list_content_themes(
    caller: CanReadReference, query: Annotated[ThemeQuery, Query()], link: NextPage
) -> ThemePage:
    """List a plan's content themes in the plan's order."""
    plan_by_slug(caller.session, query.plan)
    found = themes(caller.session, plan=query.plan, phase=query.phase)
    narrowed = [row for row in found if query.on is None or query.on in row.period]
    rows, cursor = THEMES.page_of_all(narrowed, query, secret=caller.cursor_secret)
    return ThemePage(items=[ThemeOut.of(row) for row in rows], next=link(cursor))


@router.get("/plan-items", responses=refuses(NotFound))
def list_plan_items(
    caller: CanReadReference, query: Annotated[ItemQuery, Query()], link: NextPage
) -> ItemPage:
    """List a plan's forms, funding rules and tasks in the plan's order."""
    plan_by_slug(caller.session, query.plan)
    found = items(caller.session, plan=query.plan, kind=query.kind)
    rows, cursor = ITEMS.page_of_all(found, query, secret=caller.cursor_secret)
    return ItemPage(items=[ItemOut.of(row) for row in rows], next=link(cursor))


@router.get("/assignments")
def list_assignments(
    caller: CanReadReference, query: Annotated[AssignmentQuery, Query()], link: NextPage
) -> AssignmentPage:
    """List who is to do what on a day, with the units that each assignment selects then."""
    on = query.on or caller.today
    unit = None
    if query.unit is not None:
        unit = resolve(caller.session, query.unit, on=on, pointer="?unit").unit_key
    found = assignments_on(
        caller.session, on=on, plan=query.plan, item=query.item, role=query.role, unit=unit
    )
    rows, cursor = ASSIGNMENTS.page_of_all(found, query, secret=caller.cursor_secret)
    return AssignmentPage(on=on, items=[AssignmentOut.of(row) for row in rows], next=link(cursor))


@router.get("/unit-groups", responses=refuses(NotFound))
def list_unit_groups(
    caller: CanReadReference, query: Annotated[GroupQuery, Query()], link: NextPage
) -> GroupPage:
    """List the groups that a plan's text names, with the units that each selects on a day."""
    on = query.on or caller.today
    plan_by_slug(caller.session, query.plan)
    found = groups(caller.session, plan=query.plan)
    rows, cursor = GROUPS.page_of_all(found, query, secret=caller.cursor_secret)
    return GroupPage(
        items=[
            UnitGroupOut.of(group, rule, on, members(caller.session, rule, on=on))
            for group, rule in rows
        ],
        next=link(cursor),
    )
