"""`make lint-openapi`: run every linter, say what they found, and note the day of a clean run.

Exit code 1 where any of them finds anything, be it a hint, or does not come to a result.
"""

import json
import sys
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Final

from tests.lint.tools import DOCUMENT, FOLDER, LINTERS, Finding, NotRun, by_rule

CHECKED: Final = FOLDER / "checked.json"
_SHOWN: Final = 20  # places of findings that are written out


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> int:
    """Run the linters."""
    everything: list[Finding] = []
    for name, run in LINTERS.items():
        try:
            found = run()
        except NotRun as error:
            _say(f"{name:48} did not run:\n{error}")
            return 1
        _say(f"{name:48} {len(found):6}")
        for rule, times in by_rule(found):
            _say(f"    {rule:44} {times:6}")
        everything += found
    for one in everything[:_SHOWN]:
        _say(f"{one.severity} {one.rule} {one.place}\n    {one.message}")
    if not everything:
        _note()
    return 1 if everything else 0


def _note() -> None:
    """Write down when the document was clean, by which versions."""
    pinned = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))["dependencies"]
    validator = "openapi-spec-validator"
    noted = {
        "checked_on": datetime.now(UTC).date().isoformat(),
        "document_sha256": sha256(DOCUMENT.read_bytes()).hexdigest(),
        "findings": 0,
        "versions": {validator: version(validator), **pinned},
    }
    CHECKED.write_text(json.dumps(noted, indent=2) + "\n", encoding="utf-8")
    _say(f"Clean; noted in {CHECKED.relative_to(FOLDER.parents[1])}.")


if __name__ == "__main__":
    sys.exit(main())
