"""What a submitted dossier holds, and the hash that is made of it (RFC 8785)."""

from datetime import datetime
from typing import Any, Final

from app.domain.budgets.bodies import DossierDocument
from app.domain.budgets.dossiers import StoredDossier
from app.domain.budgets.estimates import StoredEstimate
from app.domain.budgets.models import BudgetFigure, BudgetSubmission, BudgetSubmissionRevision
from app.domain.budgets.rights import Authority
from app.domain.budgets.stages import ORDER
from app.domain.canonical import canonical_sha256
from app.domain.principal import Principal

REVISION_SCHEMA: Final = "baocao/budget-submission/1"


def said_by(
    submission: BudgetSubmission, revision: BudgetSubmissionRevision, held: list[StoredEstimate]
) -> dict[str, Any]:
    """Return what a submitted revision says, of which its hash is made: no id and no clock."""
    document_on = None if revision.document_on is None else str(revision.document_on)
    return {
        "schema": REVISION_SCHEMA,
        "plan": submission.plan_slug,
        "budget_year": submission.budget_year,
        "unit": submission.unit_key,
        "revision": revision.number,
        "reason": revision.reason,
        "authority": revision.authority_key,
        "level": revision.level,
        "document_number": revision.document_number,
        "document_on": document_on,
        "signer_title": revision.signer_title,
        "explanation": revision.explanation,
        "lines": [
            {
                "item": line.estimate.item_code,
                "source": line.estimate.source,
                "chapter": line.estimate.chapter or None,
                "category": line.estimate.category or None,
                "subcategory": line.estimate.subcategory or None,
                "figures": {
                    stage: _figure(line.figures[stage]) for stage in ORDER if stage in line.figures
                },
            }
            for line in held
        ],
    }


def _figure(figure: BudgetFigure) -> dict[str, Any]:
    on = None if figure.document_on is None else str(figure.document_on)
    return {
        "amount": str(figure.amount),
        "number": figure.number,
        "reason": figure.reason,
        "document_number": figure.document_number,
        "document_on": on,
    }


def freeze(
    found: StoredDossier,
    document: DossierDocument,
    authority: Authority,
    held: list[StoredEstimate],
    *,
    by: Principal,
    at: datetime,
) -> None:
    """Let a draft be submitted under its document, to an authority; hash what it holds."""
    revision = found.revision
    revision.state = "submitted"
    for name, said in document.model_dump().items():
        setattr(revision, name, said)
    revision.received_at, revision.submitted_by, revision.filed_by = at, by.key_id, by.unit
    revision.authority_key, revision.level = authority.key, authority.level
    revision.sha256 = canonical_sha256(said_by(found.submission, revision, held))
