"""Showing how far the demo is: bars in a terminal, plain lines anywhere else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from app.demo.stopping import Stop

Tick = Callable[[], None]
QUARTERS: Final = 4


class Course(Protocol):
    """What the steps of the demo show themselves on."""

    @contextmanager
    def step(self, title: str, *, total: int | None = None) -> Iterator[Tick]:
        """Show a step while the block runs; what it yields counts one of `total`."""
        yield lambda: None


@contextmanager
def course(console: Console, stop: Stop) -> Iterator[Course]:
    """Show the steps of the block; each end, and each tick, heeds that somebody asked to stop."""
    if not console.is_terminal:
        yield _Heeding(_Lines(console), stop)
        return
    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        _Count(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        yield _Heeding(_Bars(progress), stop)


class _Heeding:
    """A course that ends where somebody asked to stop."""

    def __init__(self, course: Course, stop: Stop) -> None:
        self._course = course
        self._stop = stop

    @contextmanager
    def step(self, title: str, *, total: int | None = None) -> Iterator[Tick]:
        with self._course.step(title, total=total) as show:

            def tick() -> None:
                self._stop.heed()
                show()

            yield tick
            self._stop.heed()


class _Count(ProgressColumn):
    """How many of how many; nothing where a step is not counted."""

    def render(self, task: Task) -> Text:
        counted = task.fields["counted"]
        return Text(f"{task.completed:.0f}/{task.total:.0f}" if counted else "")


class _Bars:
    """A bar for each step."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    @contextmanager
    def step(self, title: str, *, total: int | None = None) -> Iterator[Tick]:
        task = self._progress.add_task(title, total=total, counted=total is not None)
        yield lambda: self._progress.advance(task)
        whole = 1 if total is None else total
        self._progress.update(task, total=whole, completed=whole)


class _Lines:
    """A line for each step when it is done, and for each quarter of a long one."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()

    @contextmanager
    def step(self, title: str, *, total: int | None = None) -> Iterator[Tick]:
        done = 0

        def tick() -> None:
            nonlocal done
            done += 1
            if total and total >= 100 * QUARTERS and done % (total // QUARTERS) == 0 < total - done:
                self._say(f"{title}: {done}/{total} …")

        yield tick
        self._say(f"{title}: {done}/{total}" if total else title)

    def _say(self, line: str) -> None:
        seconds = time.monotonic() - self._started
        self._console.print(f"{seconds:6.1f} s  {line}", highlight=False, markup=False)
