"""Grade on a Dask cluster: the local pool's worker process, one or more a Dask worker.

    python -m autograder grade NAME --scheduler tcp://host:8786

A plugin keeps warm processes on each Dask worker, and each job is one task there. On
the wire are JSON and bytes. A task whose worker is lost runs again elsewhere; each job
gives one verdict, and the same bytes as the local pool, seconds aside.
"""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import re
import time
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from autograder.course import CourseError
from autograder.grading.judge import report_failure
from autograder.grading.pool import ENGINE, TRIES, ready
from autograder.model.job import Job
from autograder.model.verdict import Graded

try:
    from distributed import Client, KilledWorker
except ImportError as missing:
    raise CourseError(
        f"--scheduler needs Dask ({missing}): pip install -e .[grading]"
    ) from missing

from autograder.grading.cluster_worker import (
    WarmGrader,
    grade_there,
    problem_there,
    versions,
)

ADDRESS = re.compile(r"[a-z]+://\S+:\d+")
CONNECT_SECONDS = 60.0
WORKER_SECONDS = 60.0
ALONE_SECONDS = 120.0
AHEAD = 4


class Cluster:
    """A Dask cluster that grades jobs; use it as a context manager."""

    def __init__(
        self, address: str, settings: dict[str, Any], engine: str = ENGINE
    ) -> None:
        self.address = address
        self.name = f"autograder-{uuid.uuid4().hex[:12]}"
        order = {"engine": engine, "settings": settings, "versions": versions()}
        self.order = json.dumps(order).encode()
        self.flying: dict[Any, tuple[Job, Any]] = {}
        self.seen = 0.0

    def __enter__(self) -> Cluster:
        """Connect, and make the workers warm; raise CourseError where that fails."""
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        if not ADDRESS.fullmatch(self.address):
            raise CourseError(
                f"{self.address!r} is no scheduler's address. It looks like "
                "tcp://10.0.0.1:8786; `dask scheduler` prints it when it starts."
            )
        try:
            self.client = Client(
                self.address, timeout=CONNECT_SECONDS, set_as_default=False
            )
        except (OSError, ValueError, TypeError) as error:
            raise CourseError(
                f"The scheduler at {self.address} can't be reached: {error}\n"
                "Start it with `dask scheduler`, and give its address as it prints it."
            ) from error
        try:
            self.prepare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def prepare(self) -> None:
        """Wait for a worker, give all of them the plugin, and ask how they do."""
        try:
            self.client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError:
            raise CourseError(
                f"No worker came to the scheduler at {self.address} within "
                f"{WORKER_SECONDS:g} seconds. Start some: dask worker {self.address}"
            ) from None
        try:
            self.client.register_plugin(WarmGrader(self.name, self.order), self.name)
            found = self.client.run(problem_there, self.name)
        except Exception as error:
            raise CourseError(
                f"The workers of {self.address} can't grade: {error}\nThey need the "
                "course and its requirements, in the same versions as here."
            ) from error
        bad = {where: text.decode() for where, text in found.items() if text}
        if bad:
            lines = [f"The worker {where} can't grade: {bad[where]}" for where in bad]
            raise CourseError("\n".join(sorted(lines)))
        self.seen = time.monotonic()

    def __exit__(self, *_: object) -> None:
        """Give back what is left to do, the warm processes, and the connection."""
        with contextlib.suppress(Exception):
            self.client.cancel([future for _, future in self.flying.values()])
            self.client.unregister_worker_plugin(self.name)
        with contextlib.suppress(Exception):
            self.client.close(timeout=CONNECT_SECONDS)

    def current(self) -> tuple[str, ...]:
        """Return who is being graded: the first in line."""
        return tuple(job.student for job, _ in list(self.flying.values())[:8])

    def run(self, jobs: Iterable[Job]) -> Iterator[list[tuple[Job, Graded]]]:
        """Yield jobs and their verdicts as they come: each time, all that are there."""
        source = iter(jobs)
        done: queue.Queue[Any] = queue.Queue()
        while True:
            for _ in range(self.room()):
                job = next(source, None)
                if job is None:
                    break
                self.submit(job, done)
            if not self.flying:
                return
            try:
                futures = ready(done, 2.0)
            except queue.Empty:
                self.check()
                continue
            found = []
            for future in futures:
                job, _ = self.flying[future.key]
                found.append((job, self.verdict(job, future)))
                del self.flying[future.key]
            yield found

    def room(self) -> int:
        """Return how many more jobs to hand over: a few for each thread."""
        return max(0, AHEAD * max(self.threads(), 1) - len(self.flying))

    def threads(self) -> int:
        """Return how many tasks the cluster runs at once."""
        try:
            return sum(self.client.nthreads().values())
        except OSError as error:
            raise self.gone() from error

    def submit(self, job: Job, done: queue.Queue[Any]) -> None:
        """Hand a job to the cluster."""
        future = self.client.submit(
            grade_there,
            self.name,
            job.to_bytes(),
            key=f"grade-{uuid.uuid4().hex}",
            pure=False,
            retries=TRIES,
        )
        self.flying[future.key] = job, future
        future.add_done_callback(done.put)

    def verdict(self, job: Job, future: Any) -> Graded:
        """Return the verdict that a task gave."""
        if future.status in ("cancelled", "lost"):
            raise self.gone()
        try:
            data = json.loads(future.result())
        except KilledWorker as error:
            return report_failure(job, f"the workers that ran it were lost: {error}")
        except OSError as error:
            raise self.gone() from error
        except Exception as error:
            return report_failure(job, f"{type(error).__name__}: {error}")
        if "problem" in data:
            raise CourseError(f"A worker can't grade: {data['problem']}")
        return Graded.from_json(data)

    def check(self) -> None:
        """Raise CourseError where the scheduler or all workers are gone."""
        if self.client.status != "running":
            raise self.gone()
        now = time.monotonic()
        if self.threads():
            self.seen = now
        elif now - self.seen > ALONE_SECONDS:
            raise CourseError(
                f"No worker is left at {self.address}. What was graded is kept: start "
                "workers, and give the same command again."
            )

    def gone(self) -> CourseError:
        """Return what to raise where the scheduler is gone: this ends the command."""
        return CourseError(
            f"The scheduler at {self.address} was lost. What was graded is kept: "
            "start it, and give the same command again."
        )
