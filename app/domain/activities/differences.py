"""In what two revisions of a report differ: field by field, in words that a reader knows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Plain = str | int | bool | None

_SINGLE: Final = {
    "plan": "Kế hoạch",
    "plan_item": "Hình thức, nhiệm vụ",
    "occurred_on": "Ngày thực hiện",
    "ended_on": "Ngày kết thúc",
    "occurrences": "Số lượt",
    "channel": "Kênh, phương tiện",
    "format": "Thể loại",
    "title": "Tên hoạt động",
    "description": "Mô tả",
    "integrated": "Lồng ghép",
}
_ON_BEHALF: Final = {"incoming_number": "Số đến", "incoming_on": "Ngày đến"}
_SETS: Final = {
    "content_themes": "Nội dung tuyên truyền",
    "languages": "Ngôn ngữ",
    "participants": "Đơn vị phối hợp",
    "evidence": "Minh chứng",
}
_ORIGINS: Final = {"original": "tin gốc", "repost": "đăng lại"}


@dataclass(frozen=True)
class Difference:
    """One thing that a revision says otherwise; None stands for nothing said.

    A member that a set gained has nothing before, one that it lost nothing after.
    """

    field: str
    label: str
    before: Plain
    after: Plain


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], *, names: Mapping[str, str]
) -> list[Difference]:
    """Return in what a body differs from the one before it, in the order of the body's fields.

    `names` are the Vietnamese names of indicators and funding sources, by code.
    """
    old, new = dict(_parts(before)), dict(_parts(after))
    changed = [part for part in {**old, **new} if old.get(part) != new.get(part)]
    places = [*_SINGLE, "on_behalf", "measures", "expenditure", *_SETS]
    changed.sort(key=lambda part: (places.index(part[0].partition(".")[0]), part))
    return [
        Difference(field, _label(field, names), old.get((field, member)), new.get((field, member)))
        for field, member in changed
    ]


def _parts(said: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Plain]]:
    """Yield what a body says as plain values, each by its field and its member of a set."""
    for name in _SINGLE:
        yield (name, ""), said[name]
    for name, value in said.get("on_behalf", {}).items():
        yield (f"on_behalf.{name}", ""), value
    for row in said["measures"]:
        yield (f"measures.{row['indicator']}.{row['origin']}", ""), row["value"]
    for row in said["expenditure"]:
        yield (f"expenditure.{row['source']}", ""), row["amount"]
    for name in _SETS:
        for member in said[name]:
            shown = member if isinstance(member, str) else _link(member)
            yield (name, shown), shown


def _link(evidence: Mapping[str, str | None]) -> str:
    sha256 = evidence["sha256"]
    return f"{evidence['url']}" if sha256 is None else f"{evidence['url']} (SHA-256 {sha256})"


def _label(field: str, names: Mapping[str, str]) -> str:
    kind, *rest = field.split(".")
    if kind == "measures":
        return f"Kết quả: {names.get(rest[0], rest[0])} ({_ORIGINS[rest[1]]})"
    if kind == "expenditure":
        return f"Kinh phí đã thực hiện: {names.get(rest[0], rest[0])}"
    return _ON_BEHALF[rest[0]] if kind == "on_behalf" else {**_SINGLE, **_SETS}[kind]
