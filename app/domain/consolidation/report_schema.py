"""The JSON Schema of the consolidated report (Draft 2020-12), made of its shape.

It describes the bytes as they are stored and pulled: every field stands in them, those that may
be left out of a draft included, and no other.
"""

from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from app.domain.consolidation.report import SCHEMA, Report

FILE_NAME: Final = f"{SCHEMA.removeprefix('baocao/').replace('/', '-')}.schema.json"
ID: Final = f"urn:{SCHEMA.replace('/', ':')}"


class _AsStored(GenerateJsonSchema):
    """Every field is there, so none is optional and none has a default."""

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: FBT001 - pydantic's own
        return True

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def report_schema() -> dict[str, Any]:
    """Return the schema, with the dialect and the name of its version."""
    made = Report.model_json_schema(by_alias=True, mode="serialization", schema_generator=_AsStored)
    head = {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": ID,
        "title": f"Báo cáo tổng hợp ({SCHEMA})",
    }
    return head | {name: value for name, value in made.items() if name != "title"}
