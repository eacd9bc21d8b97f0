"""The parts of a recording program, put together as its configuration says, and taken apart again."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from agentops import outlets
from agentops.delivery.adoption import JOURNALS
from agentops.delivery.metering import Metering
from agentops.delivery.tended import Attendants
from agentops.domain.metrics import Delivery, Metrics
from agentops.domain.prices import Prices, use
from agentops.domain.redaction.redactor import own_rules
from agentops.domain.redaction.withholding import Content
from agentops.errors import JournalError
from agentops.instrumentation.propagation import install_propagation
from agentops.plugins.borrowed import Borrowed
from agentops.plugins.manager import Plugins
from agentops.plugins.observation import Observation
from agentops.recording import otel
from agentops.recording.context import inherited
from agentops.recording.guard import guarded, logger
from agentops.recording.journal import Journal
from agentops.recording.late import LateJournal
from agentops.recording.ownership import new_name
from agentops.recording.recorder import Recorder, active
from agentops.recording.shield import Shield
from agentops.session.exits import Exits
from agentops.session.host import describe_host
from agentops.session.listening import captures
from agentops.session.manager import SessionManager
from agentops.store import LOCAL_STORE

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.config import Config
    from agentops.delivery.shipper import Shipper
    from agentops.domain.spans import SpanRecord

FLUSH_TIMEOUT: Final = 5.0
"""How long whoever asks for the spans of a session may wait for their delivery, seconds."""


class Assembly:
    """A recording program's parts.

    Attributes:
        config: how they are put together.
        plugins: the plugins.
        recorder: where spans begin and end.
        manager: where sessions begin and end.
        observation: the observed libraries.
        borrowed: the instrumentations of others that are switched on.
    """

    def __init__(self, config: Config, *, exporter: Any = None, span_processor: Any = None) -> None:
        """Make the parts; nothing is observed or delivered before `start`.

        Args:
            config: how.
            exporter: an OpenTelemetry span exporter that gets every ended span.
            span_processor: an OpenTelemetry span processor that does.
        """
        self.config = config
        self.plugins = Plugins(trace=config.trace_plugins)
        self.plugins.load(config.load_plugins, without=config.disable_plugins)
        use(Prices(config.prices, self.plugins.price))
        self.recorder = Recorder(self._first_journal())
        self.recorder.protect(_shield_of(config))
        self.manager = SessionManager(
            self.recorder,
            default_tags=config.default_tags,
            host_env=cache(self._describe_host),
            config=config,
            flush=self.flush,
            read_spans=self._read_spans,
        )
        self.observation = Observation(self.plugins)
        self.borrowed = Borrowed(self.plugins.libraries if config.instrument_llm_calls else ())
        self._exporters = outlets.exporters(config, self.plugins, exporter, span_processor)
        self._shipper: Shipper | None = None
        self._metering = self._meter()
        self._undo: list[Callable[[], None]] = []
        self._whole = os.environ.get("AGENTOPS_RUN") == str(os.getpid())
        self._exits = Exits(
            lambda: self.manager, self.finish, whole=self._whole, is_child=inherited(os.environ) is not None
        )

    @property
    def name(self) -> str | None:
        """What its sessions are called where nobody says."""
        return self.config.trace_name

    def _describe_host(self) -> dict[str, Any]:
        from agentops import __version__  # noqa: PLC0415 - looked up in the installed metadata, when asked for

        return describe_host(__version__, opt_out=self.config.env_data_opt_out)

    def _first_journal(self) -> Journal | LateJournal:
        try:
            return self._make_journal()
        except JournalError as error:
            logger.warning("nothing will be kept of this run: %s", error)
            return LateJournal(lambda: None)

    def _make_journal(self) -> Journal:
        return Journal(self.config.directory / JOURNALS, new_name(time.time_ns()), limit=self.config.journal_limit)

    def start(self) -> None:
        """Observe, deliver and watch the ways out, from now on."""
        active.recorder = self.recorder
        self._deliver()
        if self.config.instrument_llm_calls:
            self.observation.start()
        self._undo.append(self.plugins.attend(self._welcome))
        with guarded("letting context flow into threads and processes"):
            self._undo.append(install_propagation())
        with guarded("joining OpenTelemetry"):
            self._undo.append(otel.join(self.observation.native_scopes))
        with guarded("switching on what OpenTelemetry has"):
            self.borrowed.switch_on(self.config.instrument)
        self._exits.install()
        self._undo.append(self._exits.undo)

    def _deliver(self) -> None:
        journal = self.recorder.journal
        if isinstance(journal, Journal):
            attendants = Attendants(self._tend, self._metering.watch)
            self._shipper = outlets.open_shipper(
                lambda: self.config, journal, self.plugins, self._exporters, attendants
            )
            journal.on_roll = self._shipper.wake
            self._shipper.start()

    def _tend(self) -> None:
        """What the delivering thread does for the hot path, each time before it reads."""
        self.recorder.clock.realign()
        self.recorder.journal.prepare()
        for session in self.manager.registry.active():
            session.analytics.settle()
        captures.flush_old()
        with guarded("telling OpenTelemetry how recording fares"):
            self._metering.tend()

    def _meter(self) -> Metering:
        return Metering(self.metrics, {"service.name": self.config.trace_name or "agentops"})

    def _welcome(self, plugin: str) -> None:
        """A plugin has come late, with the library that it is for."""
        if self.config.instrument_llm_calls:
            self.observation.start(plugin)
        use(Prices(self.config.prices, self.plugins.price))
        late = outlets.offered(self.config, self.plugins, plugin)
        self._exporters += late
        journal = self.recorder.journal
        if self._shipper is not None and isinstance(journal, Journal):
            outlets.extend(self._shipper, self.plugins, late, self.config, journal)

    def flush(self, timeout: float) -> bool:
        """Deliver what was recorded so far; whether that was done within so many seconds."""
        captures.flush()
        return self._shipper is None or self._shipper.flush(timeout)

    def _read_spans(self, session_id: str) -> list[SpanRecord]:
        """What the local store has of a session, with everything that was recorded so far."""
        if not self.config.local_store or not self.flush(FLUSH_TIMEOUT):
            return []
        from agentops.store.sqlite import SqliteStore  # noqa: PLC0415 - only for those who ask

        with SqliteStore(self.config.directory / LOCAL_STORE) as store:
            return list(store.spans(session_id))

    def metrics(self) -> Metrics:
        """How recording fares at the moment."""
        return self._figures(self.recorder.journal, self._shipper)

    def _figures(self, journal: Journal | LateJournal, shipper: Shipper | None) -> Metrics:
        figures: tuple[Delivery, ...] = ()
        if shipper is not None and isinstance(journal, Journal):
            figures = shipper.figures(journal.directory, journal.position)
        return Metrics(
            sessions=self.manager.tally.sessions(),
            recording=self._metering.counts.figures(0 if shipper is None else shipper.running, journal.dropped),
            delivery=figures,
            calls=self.manager.tally.calls(),
        )

    def finish(self) -> None:
        """Deliver what is left within the exit's time limit; what remains is in the journal for the next process.

        Until then the journal stays ours: another process that took it in now would do the same work once more.
        """
        captures.stop()
        journal, self.recorder.journal = self.recorder.journal, LateJournal(lambda: None)
        journal.end()
        shipper, self._shipper = self._shipper, None
        deadline = time.monotonic() + self.config.exit_timeout
        is_delivered = shipper is not None and shipper.stop(self.config.exit_timeout)
        with guarded("telling OpenTelemetry how recording fared"):
            self._metering.close(max(0.0, deadline - time.monotonic()), self._figures(journal, shipper))
        if is_delivered and isinstance(journal, Journal):
            import shutil  # noqa: PLC0415 - 2 ms that only the end pays

            with suppress(OSError):
                shutil.rmtree(journal.directory)
        journal.close()

    def stop_observing(self) -> None:
        """Every observed library is as it was."""
        self.observation.stop()
        self.borrowed.switch_off()

    def undo(self) -> None:
        """Stop observing and watching: everything is as it was."""
        self.stop_observing()
        while self._undo:
            self._undo.pop()()
        if active.recorder is self.recorder:
            active.recorder = None

    def after_fork(self) -> None:
        """This is a child process: it makes a journal when it first records, and its sessions are its parent's."""
        self.recorder.journal.abandon()
        self._shipper = None
        self.plugins.renew()
        self._exits.after_fork()
        self._metering = self._meter()
        self.recorder.renew(LateJournal(self._make_late_journal))
        self.manager.after_fork()

    def _make_late_journal(self) -> Journal:
        journal = self._make_journal()
        self.recorder.renew(journal)
        self._deliver()
        return journal


def _shield_of(config: Config) -> Shield:
    content = Content(config.content) if config.capture_content else Content.NONE
    return Shield(own_rules(config.redact.rules), has_defaults=config.redact.defaults, content=content)
