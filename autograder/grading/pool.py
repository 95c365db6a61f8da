"""A pool of local workers. A worker that dies is replaced, and its job is run again."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from autograder.course import CourseError
from autograder.grading.job import Job, failed
from autograder.grading.verdict import Graded
from autograder.grading.worker import HEAD

ENGINE = "autograder.grading.engine:Split"
START_SECONDS = 180.0
GRACE_SECONDS = 30.0
TRIES = 2


class Lost(Exception):
    """A worker has died, or gives no answer."""


class Worker:
    """A worker process, seen from the pool."""

    def __init__(self, engine: str, settings: dict[str, Any]) -> None:
        self.order = json.dumps({"engine": engine, "settings": settings}).encode()
        root = str(Path(__file__).resolve().parents[2])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "autograder.grading.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,
        )

    def start(self) -> None:
        """Wait until the worker is ready; raise CourseError if it says it cannot."""
        if problem := self.ask(self.order, START_SECONDS):
            raise CourseError(problem.decode("utf-8", "replace"))

    def ask(self, message: bytes, seconds: float) -> bytes:
        """Send a message and return the answer, or raise Lost."""
        assert self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write(HEAD.pack(len(message)) + message)
            self.process.stdin.flush()
        except (BrokenPipeError, ValueError):
            raise Lost(self.ending()) from None
        until = time.monotonic() + seconds
        (size,) = HEAD.unpack(self.read(HEAD.size, until))
        return self.read(size, until)

    def read(self, size: int, until: float) -> bytes:
        """Read bytes of an answer until a deadline."""
        assert self.process.stdout
        pipe, parts = self.process.stdout.fileno(), bytearray()
        while len(parts) < size:
            left = max(0, until - time.monotonic())
            if not select.select([pipe], [], [], left)[0]:
                raise Lost("it gave no answer in time")
            part = os.read(pipe, min(size - len(parts), 1 << 20))
            if not part:
                raise Lost(self.ending())
            parts += part
        return bytes(parts)

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


class Pool:
    """Workers that grade jobs; use it as a context manager."""

    def __init__(
        self, count: int, settings: dict[str, Any], engine: str = ENGINE
    ) -> None:
        self.count, self.engine, self.settings = max(1, count), engine, settings
        self.workers: list[Worker] = []
        self.busy: dict[int, str] = {}
        self.stopping = False

    def __enter__(self) -> Pool:
        """Start all workers; raise CourseError if they cannot work."""
        self.workers = [self.new() for _ in range(self.count)]
        try:
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

    def __exit__(self, *_: object) -> None:
        """End all workers."""
        self.stopping = True
        for worker in self.workers:
            worker.stop(0.0 if _ and _[0] else 1.0)

    def current(self) -> tuple[str, ...]:
        """Return who is being graded."""
        return tuple(self.busy.values())

    def new(self) -> Worker:
        """Return a new worker process."""
        return Worker(self.engine, self.settings)

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Graded]]:
        """Yield jobs and their verdicts as they come."""
        source, lock = iter(jobs), threading.Lock()
        results: queue.Queue[Any] = queue.Queue(4 * self.count)

        def take() -> Job | None:
            with lock:
                return None if self.stopping else next(source, None)

        def work(number: int) -> None:
            try:
                while (job := take()) is not None:
                    self.busy[number] = job.student
                    put((job, self.grade(number, job)))
                    self.busy.pop(number, None)
                put(None)
            except BaseException as error:
                put(error)

        def put(item: Any) -> None:
            while not self.stopping:
                with contextlib.suppress(queue.Full):
                    return results.put(item, timeout=0.2)

        threads = [
            threading.Thread(target=work, args=(number,), daemon=True)
            for number in range(self.count)
        ]
        for thread in threads:
            thread.start()
        ended = 0
        try:
            while ended < self.count:
                item = results.get()
                if isinstance(item, BaseException):
                    raise item
                if item is None:
                    ended += 1
                else:
                    yield item
        finally:
            self.stopping = ended < self.count

    def grade(self, number: int, job: Job) -> Graded:
        """Return the verdict on a job; a lost worker is replaced."""
        seconds = float(job.limits.get("total_seconds", 180.0)) + GRACE_SECONDS
        message, why = job.to_bytes(), ""
        for _ in range(TRIES):
            try:
                answer = self.workers[number].ask(message, seconds)
                return Graded.from_json(json.loads(answer))
            except (Lost, ValueError) as lost:
                why = str(lost)
            if self.stopping:
                break
            self.replace(number)
        return failed(job, f"the worker was lost {TRIES} times; {why}")

    def replace(self, number: int) -> None:
        """Put a new worker in the place of a lost one."""
        self.workers[number].stop()
        self.workers[number] = self.new()
        with contextlib.suppress(Lost):
            self.workers[number].start()
