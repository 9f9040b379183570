"""The OpenAPI document: 3.1, generated, the same as the committed one."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.contract import info
from app.api.contract.answers import describe_answers
from app.api.contract.examples import give_examples
from app.api.contract.growing import let_lists_grow
from app.api.contract.headers import describe_headers
from app.api.contract.links import describe_links
from app.api.contract.opening import open_answers
from app.api.contract.problems import describe_problems
from app.api.contract.sending import describe_sending
from app.api.contract.sharing import share_refusals
from app.api.contract.webhooks import describe_webhooks
from app.api.problems import Problem
from app.domain.activities.body import ActivityRow
from app.domain.batches.withdrawals import WithdrawalRow

_ROWS_OF_FILES: Final = (ActivityRow, WithdrawalRow)


def document(app: FastAPI) -> dict[str, Any]:
    """Return the app's OpenAPI document, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            openapi_version="3.1.0",
            summary=info.SUMMARY,
            description=info.DESCRIPTION,
            license_info=info.LICENCE,
            servers=info.SERVERS,
            routes=app.routes,
            webhooks=app.webhooks.routes,
            tags=info.TAGS,
        )
        made["info"].update(info.MORE)
        made["info"]["contact"] = info.CONTACT  # the framework would want a package for its address
        _complete_schemas(made["components"]["schemas"])
        describe_answers(made)
        describe_sending(made)
        describe_problems(made)
        describe_headers(made)
        describe_links(made)
        give_examples(made)
        share_refusals(made)
        describe_webhooks(made)
        open_answers(made)
        let_lists_grow(made)
        made["components"]["schemas"] = dict(sorted(made["components"]["schemas"].items()))
        app.openapi_schema = made
    return app.openapi_schema


def _complete_schemas(schemas: dict[str, Any]) -> None:
    """Add what no endpoint names: problems, and the rows of files; take out what none answers."""
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    for model in (Problem, *_ROWS_OF_FILES):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
