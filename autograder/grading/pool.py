"""A pool of local workers. A worker that dies is replaced, and its job is run again."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

from autograder.course import CourseError
from autograder.grading.judge import report_failure
from autograder.grading.messages import ANSWER, send_message, take_message
from autograder.model.job import Job
from autograder.model.verdict import Graded

ENGINE = "autograder.grading.engine:Split"
START_SECONDS = 600.0
GRACE_SECONDS = 120.0
TRIES = 2
AT_ONCE = 64


def shared_kind(engine: str) -> Any:
    """Return what makes the things that an engine's workers share; None without."""
    try:
        return getattr(
            importlib.import_module(engine.partition(":")[0]), "Shared", None
        )
    except ImportError:
        return None


def ready(results: queue.Queue[Any], seconds: float | None = None) -> list[Any]:
    """Return all that a queue holds, having waited for the first, or raise Empty."""
    items = [results.get(timeout=seconds)]
    with contextlib.suppress(queue.Empty):
        while len(items) < AT_ONCE:
            items.append(results.get_nowait())
    return items


class Lost(Exception):
    """A worker has died, or gives no answer.

    `Worker.ask` raises it. `Pool.grade` and, on a cluster, `WarmGrader.grade` catch it
    and try the job again elsewhere; a pool that can't even start says why instead.
    """


class Worker:
    """A worker process, seen from the pool."""

    def __init__(
        self, engine: str, settings: dict[str, Any], inherited: list[int] | None = None
    ) -> None:
        self.order = json.dumps({"engine": engine, "settings": settings}).encode()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "autograder.grading.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            pass_fds=inherited or (),
            start_new_session=True,
        )
        assert self.process.stdin
        os.set_blocking(self.process.stdin.fileno(), False)  # it may take nothing

    def start(self) -> None:
        """Wait until the worker is ready; end it and raise if it says it cannot."""
        try:
            problem = self.ask(self.order, START_SECONDS)
            if problem:
                raise CourseError(problem.decode("utf-8", "replace"))
        except BaseException:
            self.stop()
            raise

    def ask(self, message: bytes, seconds: float) -> bytes:
        """Send a message and return the answer, or raise Lost.

        The seconds that the worker asks for beforehand come on top.
        """
        assert self.process.stdin and self.process.stdout
        until = time.monotonic() + seconds
        try:
            send_message(self.process.stdin.fileno(), message, until=until)
            while True:
                kind, answer = take_message(self.process.stdout.fileno(), until)
                if kind == ANSWER:
                    return answer
                until += float(answer)
        except TimeoutError as error:
            raise Lost(str(error)) from None
        except (BrokenPipeError, EOFError, ValueError):
            raise Lost(self.ending()) from None

    def ending(self) -> str:
        """Say how the worker ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        return f"its process ended with status {self.process.returncode}"

    def stop(self, seconds: float = 0.0) -> None:
        """End the worker; let it finish on its own for some seconds."""
        assert self.process.stdin and self.process.stdout
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def grade_with(lend: Callable[[], AbstractContextManager[Worker]], job: Job) -> Graded:
    """Return the verdict on a job; where a worker is lost, another is asked."""
    seconds = float(job.limits.get("total_seconds", 180.0)) + GRACE_SECONDS
    message, why = job.to_bytes(), ""
    for _ in range(TRIES):
        try:
            with lend() as worker:
                return Graded.from_json(json.loads(worker.ask(message, seconds)))
        except (Lost, ValueError) as lost:
            why = str(lost)
    return report_failure(job, f"the worker was lost {TRIES} times; {why}")


class Pool:
    """Workers that grade jobs; use it as a context manager.

    What the engine's module calls `Shared` is started once, for all of them. One thread
    that stays starts it all: a process ends with its parent, and for Linux that is the
    thread that started it.
    """

    def __init__(
        self, count: int, settings: dict[str, Any], engine: str = ENGINE
    ) -> None:
        self.count, self.engine, self.settings = max(1, count), engine, settings
        self.workers: list[Worker] = []
        self.busy: dict[int, str] = {}
        self.stopping = self.ended = False
        self.shared: Any = None
        self.starter = ThreadPoolExecutor(1, "starter")
        self.begun: Future[None] | None = None

    def begin(self) -> None:
        """Start what the workers share, without waiting for it."""
        self.begun = self.begun or self.starter.submit(self.share)

    def share(self) -> None:
        """Start what the workers share, if it is not there or has died."""
        kind = shared_kind(self.engine)
        if kind is None or (self.shared and self.shared.alive()):
            return
        self.unshare()
        self.shared = kind(self.settings).__enter__()

    def unshare(self) -> None:
        """End what the workers share."""
        if self.shared:
            self.shared.__exit__()
        self.shared = None

    def end(self) -> None:
        """End what the workers share, and the thread that starts things."""
        self.stopping = True
        if self.ended:
            return
        self.ended = True
        self.starter.submit(self.unshare).result()
        self.starter.shutdown()

    def __enter__(self) -> Pool:
        """Start all workers; raise CourseError if they cannot work."""
        self.begin()
        try:
            assert self.begun
            self.begun.result()
            self.workers = [self.new() for _ in range(self.count)]
            for worker in self.workers:
                worker.start()
        except Lost as lost:
            self.__exit__()
            why = f"A worker could not be started: {lost}. Run `doctor` to see why."
            raise CourseError(why) from None
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, error: object = None, *_: object) -> None:
        """End all workers, at once if something went wrong."""
        self.stopping = True
        for worker in self.workers:
            worker.stop(0.0 if error else 1.0)
        self.end()

    def current(self) -> tuple[str, ...]:
        """Return who is being graded."""
        return tuple(self.busy.values())

    def new(self) -> Worker:
        """Return a new worker process."""
        return self.starter.submit(self.make).result()

    def make(self) -> Worker:
        """Make a worker process, with what is shared."""
        self.share()
        settings, lent = self.shared.lend() if self.shared else (self.settings, None)
        return Worker(self.engine, settings, lent)

    def run(self, jobs: Iterable[Job]) -> Iterator[list[tuple[Job, Graded]]]:
        """Yield jobs and their verdicts as they come: each time, all that are there."""
        source, lock = iter(jobs), threading.Lock()
        results: queue.Queue[Any] = queue.Queue(AT_ONCE)

        def take() -> Job | None:
            with lock:
                return None if self.stopping else next(source, None)

        def put(item: Any) -> None:
            while not self.stopping:
                with contextlib.suppress(queue.Full):
                    return results.put(item, timeout=0.2)

        for number in range(self.count):
            work = (number, take, put)
            threading.Thread(target=self.work, args=work, daemon=True).start()
        ended = 0
        try:
            while ended < self.count:
                items = ready(results)
                for item in items:
                    if isinstance(item, BaseException):
                        raise item
                ended += items.count(None)
                if found := [item for item in items if item is not None]:
                    yield found
        finally:
            self.stopping = ended < self.count

    def work(
        self, number: int, take: Callable[[], Job | None], put: Callable[[Any], None]
    ) -> None:
        """Grade jobs until there are no more: None is put behind the last verdict."""
        try:
            while (job := take()) is not None:
                self.busy[number] = job.student
                put((job, grade_with(lambda: self.lent(number), job)))
                self.busy.pop(number, None)
            put(None)
        except BaseException as error:
            put(error)

    @contextlib.contextmanager
    def lent(self, number: int) -> Iterator[Worker]:
        """Lend a worker, a new one in the place of one that was lost."""
        if self.workers[number].process.returncode is not None:
            if self.stopping:
                raise Lost("the grader was stopped")
            self.workers[number] = self.new()
            self.workers[number].start()
        try:
            yield self.workers[number]
        except BaseException:
            self.workers[number].stop()
            raise
