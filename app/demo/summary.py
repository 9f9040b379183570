"""The summary that the demo ends with: the consolidated report, made readable in a terminal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from app.demo.further import ADDRESS, Further
from app.demo.labels import INDICATORS, ITEMS, LEVELS
from app.demo.stage import Stage
from app.demo.yearend import Pulled
from app.domain.period import LOCAL_TIME

FIGURES_SHOWN: Final = 4


@dataclass(frozen=True)
class Played:
    """What the demo did: the report it pulled, and how much was posted and sent again."""

    pulled: Pulled
    posted: int
    again: int


def show(played: Played, further: Further, stage: Stage, *, console: Console) -> None:
    """Print the summary."""
    report = played.pulled.report
    parts: list[RenderableType] = [
        _head(played),
        _section("Mức độ báo cáo", "coverage", _coverage(report), _who(report)),
        _section("Kết quả theo hình thức, nhiệm vụ", "totals per item", _totals(report)),
        _section("Kinh phí đã thực hiện", "expenditure by source, VND", _money(played.pulled)),
        _section("Theo cấp", "by level", _levels(report)),
    ]
    for part in parts:
        console.print()
        console.print(part)
    console.print()
    _files(played.pulled, stage, console)
    _commands(further, console)


def _head(played: Played) -> RenderableType:
    report = played.pulled.report
    shown = sum(line["activities"] for line in report["counts"])
    return Panel(
        Group(
            Text(f"BÁO CÁO TỔNG HỢP NĂM {report['cycle']['year']} · CONSOLIDATED REPORT", "bold"),
            Text(report["plan"]["title"]),
            Text(
                f"{_number(played.posted)} hoạt động đã gửi qua HTTP, {played.again} lần gửi lại "
                f"không tạo bản ghi mới; {_number(shown)} hoạt động nằm trong báo cáo đã duyệt."
            ),
            Text("Mọi số liệu đều do chương trình dựng lên · all figures are made up.", "italic"),
        ),
        box=box.ROUNDED,
        border_style="blue",
    )


def _section(title: str, english: str, *content: RenderableType) -> RenderableType:
    heading = Text.assemble((title, "bold blue"), (f" · {english}", "blue"))
    return Group(heading, *content)


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")


def _coverage(report: dict[str, Any]) -> Table:
    table = _table()
    table.add_column("Nhóm đơn vị")
    names = {
        "required": "Số\nđơn vị",
        "accepted": "Đã\nduyệt",
        "missing": "Chưa\nnộp",
        "on_time": "Đúng\nhạn",
        "late": "Nộp\nmuộn",
        "nil": "Không\nphát sinh",
    }
    for name in names.values():
        table.add_column(name, justify="right")
    groups = {"ordered": "Phải báo cáo · ordered", "others": "Được giao, đề nghị · others"}
    for group, label in groups.items():
        rates = report["coverage"][group]
        table.add_row(label, *(_number(rates[name]) for name in names))
    return table


def _who(report: dict[str, Any]) -> RenderableType:
    roster = report["coverage"]["roster"]
    ordered = [line for line in roster if line["basis"] == "ordered"]
    others = [line for line in roster if line["basis"] != "ordered"]
    missing = [line["name"] for line in ordered if line["review"] == "missing"]
    late = [
        f"{line['name']} (nhận {_local(line['received_at'])})"
        for line in ordered
        if line["received_at"] and line["timeliness"] == "late"
    ]
    rest = [line["name"] for line in others if line["review"] == "missing"]
    nil = [line["name"] for line in others if line["content"] == "nil"]
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column()
    grid.add_row("Chưa nộp · missing", Text(_names(missing), "red"))
    grid.add_row("Nộp muộn · late", Text(_names(late), "yellow"))
    grid.add_row("Khác, chưa nộp · others", _names(rest))
    grid.add_row("Không phát sinh · nil", _names(nil))
    return Padding(grid, (1, 0, 0, 0))


def _totals(report: dict[str, Any]) -> Table:
    table = _table()
    table.add_column("Mục", no_wrap=True)
    table.add_column("Hình thức, nhiệm vụ; chỉ tiêu chính", ratio=1)
    table.add_column("Hoạt\nđộng", justify="right")
    table.add_column("Số\nlượt", justify="right")
    figures = _figures(report)
    lines = report["counts"]
    for line in lines:
        item = line["item"]
        said = Text("; ".join(figures.get(item, [])[:FIGURES_SHOWN]), "dim")
        table.add_row(
            Text(item, "cyan"),
            Group(Text(ITEMS.get(item, "")), Padding(said, (0, 0, 0, 2))),
            _number(line["activities"]),
            _number(line["occurrences"]),
        )
    table.add_section()
    table.add_row("", Text("Cộng · total", "bold"), *_sums(lines))
    return table


def _figures(report: dict[str, Any]) -> dict[str, list[str]]:
    """Return each item's figures in words, the weightiest first, reposts beside originals."""
    names = {one["code"]: one["name_vi"] for one in report["indicators"]} | INDICATORS
    values = {(one["item"], one["indicator"], one["origin"]): one for one in report["totals"]}
    weight = {code: place for place, code in enumerate(INDICATORS)}
    found: dict[str, list[str]] = {}
    for line in sorted(report["totals"], key=lambda one: weight.get(one["indicator"], len(weight))):
        if line["origin"] == "repost" or line["counted"] is None:
            continue
        said = f"{_number(line['counted'])} {names[line['indicator']]}"
        again = values.get((line["item"], line["indicator"], "repost"))
        if again is not None:
            said += f" (+{_number(again['counted'])} đăng, phát lại)"
        found.setdefault(line["item"], []).append(said)
    return found


def _sums(lines: Iterable[dict[str, Any]]) -> list[str]:
    rows = list(lines)
    return [_number(sum(row[name] for row in rows)) for name in ("activities", "occurrences")]


def _money(pulled: Pulled) -> Table:
    names = {one["code"]: one["name_vi"] for one in pulled.codes if one["list"] == "funding_source"}
    sums: dict[str, int] = {}
    for line in pulled.report["expenditure"]:
        sums[line["source"]] = sums.get(line["source"], 0) + int(line["value"])
    whole = sum(sums.values())
    table = _table()
    table.add_column("Nguồn")
    table.add_column("Số tiền (đồng)", justify="right")
    table.add_column("Tỷ lệ", justify="right")
    for source, amount in sorted(sums.items(), key=lambda one: -one[1]):
        table.add_row(names[source], _number(amount), f"{_tenth(100 * amount / whole)} %")
    table.add_section()
    table.add_row(Text("Cộng · total", "bold"), Text(_number(whole), "bold"), "")
    return table


def _levels(report: dict[str, Any]) -> Table:
    table = _table()
    table.add_column("Cấp")
    table.add_column("Hoạt động", justify="right")
    table.add_column("Số lượt", justify="right")
    for member in report["by_level"]["members"]:
        table.add_row(LEVELS[member["member"]], *_sums(member["counts"]))
    return table


def _files(pulled: Pulled, stage: Stage, console: Console) -> None:
    console.print(Text.assemble(("Tệp JSON", "bold blue"), (" · where the JSON lies", "blue")))
    _line(console, f"{stage.report}  ({_number(pulled.size)} byte)")
    _line(console, f"SHA-256 {pulled.sha256} = X-Report-SHA256", style="dim")
    console.print()


def _commands(further: Further, console: Console) -> None:
    console.print(Text.assemble(("Xem tiếp", "bold blue"), (" · to look further", "blue")))
    _line(console, "# API và worker trên dữ liệu này · serve this data until Ctrl-C", style="dim")
    _line(console, further.serve)
    _line(console, "# tài liệu của API · the API's document", style="dim")
    _line(console, f"{ADDRESS}/docs  {ADDRESS}/openapi.json")
    _line(console, "# ở cửa sổ khác: tạo khóa, lấy báo cáo · in another terminal", style="dim")
    _line(console, further.key)
    _line(console, further.curl)
    _line(
        console,
        "# kiểm tra tệp JSON: mã băm, phép cộng, đầu vào · check the saved report",
        style="dim",
    )
    _line(console, further.verify)
    if further.settings_file is not None:
        said = f"# {further.settings_file} dẫn đến dữ liệu này · remove it to leave the demo's data"
        _line(console, said, style="dim")


def _line(console: Console, text: str, *, style: str = "") -> None:
    """Print a line that can be copied: never broken, however narrow the terminal is."""
    console.print(Text(f"  {text}", style), soft_wrap=True)


def _names(names: Iterable[str]) -> str:
    return "; ".join(names) or "—"


def _local(instant: str) -> str:
    at = datetime.fromisoformat(instant).astimezone(LOCAL_TIME)
    return f"{at:%H:%M ngày %d/%m/%Y}"


def _number(value: int | str) -> str:
    """Return a number as Vietnamese write it: 1.234.567,5."""
    whole, _, part = f"{Decimal(value):,f}".partition(".")
    return whole.replace(",", ".") + (f",{part}" if part else "")


def _tenth(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")
