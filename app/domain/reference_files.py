"""Reading a file of reference data: all of its faults at once, each with its place."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from app.domain.errors import ReferenceDataRefused

FileModel = TypeVar("FileModel", bound=BaseModel)


def read_reference_file(file: Path, model: type[FileModel]) -> FileModel:
    """Read a JSON file of reference data. Raises ReferenceDataRefused with every fault."""
    try:
        return model.model_validate_json(file.read_bytes())
    except OSError as error:
        raise ReferenceDataRefused(file=file.name, reason=error.strerror or "unreadable") from error
    except ValidationError as error:
        faults = (
            f"{'/'.join(str(part) for part in fault['loc']) or '/'}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        )
        raise ReferenceDataRefused(file=file.name, reason="; ".join(faults)) from error
