"""What a revision says beside its figures, as the models that were sent."""

import rfc8785

from app.domain.submissions.contents import SubmissionContent
from app.domain.submissions.models import SubmissionRevision


def say(revision: SubmissionRevision, content: SubmissionContent) -> None:
    """Let a draft say this from now on."""
    said = content.model_dump(mode="json")
    revision.narrative = said["narrative"]
    for name in ("deliverables", "expectations", "nil_items", "answers"):
        setattr(revision, name, said[name] or None)


def content_of(revision: SubmissionRevision) -> SubmissionContent:
    """Return what a revision says beside its figures, as the unit sent it."""
    return SubmissionContent.model_validate_json(
        rfc8785.dumps(
            {
                "narrative": revision.narrative,
                **{
                    name: getattr(revision, name) or []
                    for name in ("deliverables", "expectations", "nil_items", "answers")
                },
            }
        )
    )
