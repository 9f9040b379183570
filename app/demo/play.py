"""The demo, in the order of its steps: the year 2021 in under a minute."""

import traceback
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

from rich.console import Console

from app.demo import further, yearend
from app.demo.activity import SEED, Body, activities
from app.demo.people import Secrets, make_keys
from app.demo.portal import Line, at_once
from app.demo.progress import Course, course
from app.demo.stage import DemoFailed, Stage
from app.demo.stopping import Stopped, stoppable
from app.demo.summary import Played, show
from app.domain.period import LOCAL_TIME

IN_TIME: Final = datetime(2021, 11, 24, 14, 0, tzinfo=LOCAL_TIME)
TOO_LATE: Final = datetime(2021, 11, 30, 9, 0, tzinfo=LOCAL_TIME)
SENT_AGAIN: Final = 25
INTERRUPTED: Final = 130


def play(*, folder: Path, database_url: str | None, console: Console) -> int:
    """Play the demo and print its summary; return the process's exit code.

    The database is a file in the folder, or the empty one that is given. However it ends, no
    process is left behind.
    """
    log = folder / "demo.log"
    try:
        with stoppable() as stop:
            stage = Stage(folder=folder, database_url=database_url, stop=stop)
            stage.clear()
            further.forget()
            with course(console, stop) as steps:
                played = _all_steps(stage, steps)
            show(played, further.lead_to(stage), stage, console=console)
    except Stopped:
        return _end("stopped", folder, INTERRUPTED)
    except DemoFailed as failure:
        return _end(f"failed: {failure}", folder, 1)
    except Exception as error:  # noqa: BLE001 - one clear line for the user; the trace goes to a file
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(traceback.format_exc(), encoding="utf-8")
        return _end(f"failed: {type(error).__name__}: {_one_line(error)}", folder, 1)
    return 0


def _all_steps(stage: Stage, steps: Course) -> Played:
    stage.set_clock(IN_TIME)
    with steps.step("Cơ sở dữ liệu, khóa · database, keys"):
        secrets = stage.build(lambda session, at: make_keys(session, at=at))
    try:
        with steps.step(f"API, worker lúc {IN_TIME:%H:%M %d/%m/%Y} · start"):
            stage.open()
        _post(stage, secrets, steps)
        _submit(stage, secrets, steps, at=IN_TIME, late=False)
        with steps.step(f"API, worker lúc {TOO_LATE:%H:%M %d/%m/%Y} · again"):
            stage.reopen(TOO_LATE)
        _submit(stage, secrets, steps, at=TOO_LATE, late=True)
        yearend.accept(stage, secrets, steps)
        pulled = yearend.consolidate(stage, secrets, steps)
    except DemoFailed:
        stage.check()  # where a process ended by itself, that is the reason
        raise
    finally:
        stage.close()
    return Played(pulled=pulled, posted=sum(map(len, activities().values())), again=SENT_AGAIN)


def _post(stage: Stage, secrets: Secrets, steps: Course) -> None:
    """Let all portals post at once, in the order of days; some lines are bad and send again."""
    path = "/v1/activity-reports"
    sent = [(code, body) for code, bodies in activities().items() for body in bodies]
    sent.sort(key=lambda one: str(one[1]["occurred_on"]))
    again = Random(SEED).sample(sent, SENT_AGAIN)  # noqa: S311 - nothing secret

    def post(code: str, body: Body, due: int, outcome: str) -> None:
        answer = Line(stage.http, secrets.portals[code]).post(path, body, due=due).json()
        if answer["outcome"] != outcome:
            raise DemoFailed(f"POST {path}: {outcome} was due, but {answer['outcome']} came")

    with steps.step("Gửi hoạt động · posting", total=len(sent)) as tick:
        at_once((partial(post, *one, 201, "created") for one in sent), tick)
    with steps.step("Gửi lại, không trùng · sent again", total=len(again)) as tick:
        at_once((partial(post, *one, 200, "unchanged") for one in again), tick)


def _submit(stage: Stage, secrets: Secrets, steps: Course, *, at: datetime, late: bool) -> None:
    who = yearend.late() if late else yearend.punctual()
    title = "Nộp muộn · late" if late else "Soạn, nộp báo cáo · submitting"
    data_to: date = at.date() - timedelta(days=1)
    with steps.step(title, total=len(who)) as tick:
        yearend.submit(stage, secrets, tick, who=who, on=at.date(), data_to=data_to)


def _end(what: str, folder: Path, code: int) -> int:
    Console(stderr=True, soft_wrap=True, highlight=False).print(
        f"demo {what} (logs: {folder}/*.log)", markup=False
    )
    return code


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
