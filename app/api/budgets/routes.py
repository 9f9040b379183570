"""Budgets (section IV): estimates, dossiers, their consolidation, calendars and authorities."""

from fastapi import APIRouter

from app.api.budgets import consolidations, dossiers, estimates, setting_up

router = APIRouter()
for part in (estimates, dossiers, consolidations, setting_up):
    router.include_router(part.router)
