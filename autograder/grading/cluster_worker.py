"""What runs on a Dask worker: a plugin that keeps warm processes, and the tasks."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from distributed import WorkerPlugin, get_worker

from autograder.course import CourseError
from autograder.grading.pool import Lost, Worker, grade_with
from autograder.model.job import Job
from autograder.model.versions import installed_version, running_versions

IDLE_SECONDS = 900.0


def versions() -> dict[str, str]:
    """Return the versions that a verdict, or its way here, depends on."""
    return running_versions() | {"distributed": installed_version("distributed")}


def mismatch(theirs: dict[str, str], ours: dict[str, str]) -> str:
    """Return which versions differ, in words; empty where none does."""
    apart = [name for name in theirs if ours.get(name) != theirs[name]]
    return ", ".join(f"{n} {ours.get(n)} instead of {theirs[n]}" for n in apart)


class WarmGrader(WorkerPlugin):
    """Warm processes on a Dask worker: as many as it runs tasks at once.

    A process is ended when it has had nothing to do for a while, so that a run that
    was killed leaves nothing behind for long.
    """

    def __init__(self, name: str, order: bytes) -> None:
        self.name, self.order = name, order

    async def setup(self, worker: Any) -> None:
        """Start one warm process; note what is wrong, for whoever asks."""
        data = json.loads(self.order)
        self.engine, self.settings = data["engine"], data["settings"]
        self.idle: list[tuple[Worker, float]] = []
        self.lock = threading.Lock()
        self.closed = False
        self.starter = ThreadPoolExecutor(1, "grader")
        self.problem = mismatch(data["versions"], versions())
        if self.problem:
            self.problem = f"it has {self.problem}"
        else:
            await worker.loop.run_in_executor(None, self.try_one)
            threading.Thread(target=self.tidy, daemon=True).start()

    def teardown(self, worker: Any) -> None:
        """End the warm processes."""
        self.closed = True
        for process in self.taken(0.0):
            process.stop()
        self.starter.shutdown(wait=False)

    def try_one(self) -> None:
        """Start a warm process to see whether one starts."""
        try:
            self.give(self.take())
        except (CourseError, Lost) as error:
            self.problem = f"it can't start: {error}"

    def take(self) -> Worker:
        """Return a warm process that has nothing to do, or a new one.

        All are started by one thread that stays: a process ends with its parent, and
        for Linux that is the thread that started it.
        """
        with self.lock:
            if self.idle:
                return self.idle.pop()[0]
        process = self.starter.submit(Worker, self.engine, self.settings).result()
        process.start()
        return process

    def give(self, process: Worker) -> None:
        """Take back a warm process."""
        with self.lock:
            if not self.closed:
                self.idle.append((process, time.monotonic()))
                return
        process.stop()

    def taken(self, seconds: float) -> list[Worker]:
        """Return the processes that have been idle so long, no longer kept."""
        now = time.monotonic()
        with self.lock:
            old = [p for p, since in self.idle if now - since >= seconds]
            self.idle = [(p, since) for p, since in self.idle if p not in old]
        return old

    def tidy(self) -> None:
        """End processes that are not used any more."""
        while not self.closed:
            time.sleep(min(IDLE_SECONDS / 10, 10.0))
            for process in self.taken(IDLE_SECONDS):
                process.stop()

    @contextlib.contextmanager
    def lent(self) -> Iterator[Worker]:
        """Lend a warm process; one that is lost is ended."""
        process = self.take()
        try:
            yield process
        except BaseException:
            process.stop()
            raise
        self.give(process)


def grade_there(name: str, message: bytes) -> bytes:
    """Grade a job on a Dask worker: a task. JSON in, JSON out."""
    plugin: Any = get_worker().plugins[name]
    if plugin.problem:
        return json.dumps({"problem": plugin.problem}).encode()
    graded = grade_with(plugin.lent, Job.from_bytes(message))
    return json.dumps(graded.to_json(), sort_keys=True).encode()


def problem_there(name: str, dask_worker: Any = None) -> bytes:
    """Say what is wrong with a Dask worker; nothing where all is well."""
    plugin = dask_worker.plugins.get(name)
    return str(plugin.problem if plugin else "it did not take the plugin").encode()
