"""Exports in the making: a few at once beside what is answered, none that outlives the service unsaid."""

from __future__ import annotations

from threading import Lock, Thread
from typing import IO, Any

import structlog

from serving.fhir.bulk import making
from serving.fhir.bulk.keeping import FAILED, WORKING, Job, Jobs
from serving.installation import Installation
from serving.logs import where
from serving.problems import Problem
from serving.security.caller import Caller

#: Made at once: in a process, and of a client's; and kept of a client's, with those that failed, until it deletes them or their time is over.
AT_ONCE, OWN_AT_ONCE, OWN_KEPT = 2, 1, 5


class Working:
    """The exports of one process."""

    def __init__(self, installation: Installation) -> None:
        self.jobs = Jobs(installation.settings.home)
        self._threads: list[Thread] = []
        self._lock = Lock()
        self._ending = False

    def begin(self, caller: Caller, run: dict[str, Any], **said: Any) -> Job:
        """Begin one for ``caller``; :class:`Problem` ``busy`` where it, or everybody together, has as many as there may be."""
        with self._lock:
            self._threads = [one for one in self._threads if one.is_alive()]
            own = self.jobs.every(caller.access.client_id)
            if len(own) >= OWN_KEPT:
                raise Problem("busy", f"{OWN_KEPT} exports of this client are kept; delete one that is done with")
            if sum(job.state == WORKING for job in own) >= OWN_AT_ONCE or len(self._threads) >= AT_ONCE:
                raise Problem("busy", "an export is being made; ask again when it is done")
            job, lock = self.jobs.begin(client=caller.access.client_id, run=run["number"], **said)
            thread = Thread(target=self._make, args=(caller, job, lock, run), name=f"export-{job.id}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return job

    def finish(self) -> None:
        """Wait until those in the making are made."""
        for thread in list(self._threads):
            thread.join()

    def close(self) -> None:
        """Leave off those in the making; they say that they failed."""
        self._ending = True
        self.finish()

    def _make(self, caller: Caller, job: Job, lock: IO[bytes], run: dict[str, Any]) -> None:
        with lock:
            try:
                making.write(caller, job, run, lambda: job.folder.exists() and not self._ending)
            except FileNotFoundError:
                self._failed(job)  # or it was deleted, and there is nothing left to say it
            except Exception as error:  # nobody waits for this thread: whatever it met is said by the job and the log
                structlog.get_logger().error("export failed", job=job.id, **where(error))
                self._failed(job)
            if self._ending:
                self._failed(job)

    def _failed(self, job: Job) -> None:
        held = self.jobs.of(job.said["client"], job.id)
        if held is not None and held.said["state"] == WORKING:
            held.saying(state=FAILED)
