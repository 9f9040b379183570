"""What the sandbox prints, once: its address, keys with what each may do, a first command."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from rich import box
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from app.demo.people import FOCAL
from app.domain.period import LOCAL_TIME
from app.sandbox.sample import DEPARTMENT, DISTRICT, people
from app.setup import PLAN

NAMES: Final = {DISTRICT: "DISTRICT_KEY", DEPARTMENT: "DEPARTMENT_KEY", FOCAL: "FOCAL_KEY"}
"""The shell variables of the keys."""

_MAY: Final = {
    DISTRICT: ("ghi nhận, soạn, nộp", "posts, drafts, submits"),
    DEPARTMENT: ("ghi nhận, soạn; không nộp", "posts and drafts; does not submit"),
    FOCAL: ("duyệt, trả lại, tổng hợp", "accepts, returns, consolidates, pulls"),
}
_HOLDS: Final = {
    DISTRICT: ("báo cáo năm: dự thảo", "its report is a draft"),
    DEPARTMENT: ("báo cáo năm: bị trả lại", "its report was returned"),
    FOCAL: ("một báo cáo chờ duyệt", "one report waits for it"),
}
_FIRST: Final[dict[str, Any]] = {
    "unit": DISTRICT,
    "plan": PLAN,
    "plan_item": "III.1.b",
    "source_system": "portal-binh-son",
    "external_id": "2021-000417",
    "occurred_on": "2021-11-19",
    "channel": "portal",
    "title": "Đăng loạt tin, bài về kết quả Đại hội Đảng bộ tỉnh lần thứ XX",
    "measures": [{"indicator": "posts", "value": "12"}],
}


def show(console: Console, *, address: str, keys: Mapping[str, str], at: datetime) -> None:
    """Print the sheet. Lines to copy are never broken, however narrow the terminal is."""
    console.print()
    console.print(_head(address, at))
    console.print(_table())
    _say(console, "# Dán vào cửa sổ khác · paste into another terminal", style="dim")
    _say(console, f"URL={address}")
    for code, name in NAMES.items():
        _say(console, f"{name}={keys[code]}")
    console.print()
    _say(console, "# Ghi nhận một hoạt động · post a first activity report", style="dim")
    for line in first_command():
        _say(console, line)
    console.print()
    said = "Ctrl-C dừng và xóa tất cả · Ctrl-C stops it and removes everything."
    _say(console, said, style="italic")


def first_command() -> list[str]:
    """Return the lines of a first command, for a shell that has the printed variables."""
    fields = [f'"{name}": {json.dumps(one, ensure_ascii=False)}' for name, one in _FIRST.items()]
    return [
        'curl -sS "$URL/v1/activity-reports" \\',
        '  -H "Authorization: Bearer $DISTRICT_KEY" \\',
        "  -H 'Content-Type: application/json' \\",
        "  -d '{",
        *(f"    {field}," for field in fields[:-1]),
        f"    {fields[-1]}",
        "  }'",
    ]


def _head(address: str, at: datetime) -> Panel:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    grid.add_row("Địa chỉ · address", address)
    grid.add_row("Tài liệu · docs", f"{address}/docs")
    grid.add_row("Webhook", "http://127.0.0.1:<cổng · port>/…")
    grid.add_row("Giờ ở đây · its clock", f"{at.astimezone(LOCAL_TIME):%H:%M %d/%m/%Y} (UTC+7)")
    note = (
        "Kỳ báo cáo năm 2021 đang mở, hạn trước ngày 30/11/2021; ngày sau đồng hồ này bị từ chối. "
        "The year 2021 is open; days later than this clock are refused."
    )
    return Panel(
        Group(grid, Text(f"\n{note}", "italic")),
        title="SANDBOX · thử nghiệm, số liệu không có thật",
        title_align="left",
        box=box.ROUNDED,
        border_style="blue",
    )


def _table() -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for title in ("Đơn vị · unit", "Khóa · key", "Được làm · may do", "Đang có · has"):
        table.add_column(title)
    for code, name in NAMES.items():
        unit = people()[code]
        table.add_row(
            Group(Text(unit.reference, "cyan"), Text(unit.name)),
            Text(name, "bold"),
            _both(*_MAY[code]),
            _both(*_HOLDS[code]),
        )
    return table


def _both(vietnamese: str, english: str) -> Group:
    return Group(Text(vietnamese), Text(english, "dim"))


def _say(console: Console, text: str, *, style: str = "") -> None:
    console.print(Text(text, style), soft_wrap=True)
