"""`make compatible` compares; `make release VERSION=1.4.0` keeps the document as a released one.

Neither commits anything. Exit code 1 where the policy of versions forbids it.
"""

import sys
from datetime import UTC, datetime

from tests.compatibility.releases import DOCUMENT, Version, check, hindrances, read, release
from tests.support.commands import ROOT


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _compare() -> int:
    outcome = check(read(DOCUMENT), on=datetime.now(UTC).date())
    _say(*outcome.complaints)
    if outcome.against is None:
        _say("Nothing is released yet: there is nothing to compare the document with.")
    elif not outcome.complaints:
        _say(f"The document keeps what {outcome.against} promised.")
    return 1 if outcome.complaints else 0


def _release(text: str) -> int:
    version = Version.read(text)
    hindered = [*hindrances(version, on=datetime.now(UTC).date())]
    if hindered:
        _say(*hindered, f"{version} is not released.")
        return 1
    kept = release(version).relative_to(ROOT)
    _say(f"{kept} is written. Now: git add {kept.parent}; git commit; git tag v{version}")
    return 0


def main(arguments: list[str]) -> int:
    """Do what was asked for."""
    match arguments:
        case []:
            return _compare()
        case ["release", text]:
            return _release(text)
    _say(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
