"""What settings come to: a configuration, the origin of each value, and what was wrong."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

from agentops.config.redaction import Redaction


class Origin(Struct, frozen=True):
    """Where a value came from, and the argument, variable or table that set it (empty for a default)."""

    kind: Literal["argument", "environment", "pyproject", "default"]
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".rstrip()


class Problem(Struct, frozen=True):
    """A setting that could not be what it was given: its value as it may be shown, and what to do about it."""

    setting: str
    origin: Origin
    value: str
    advice: str

    def __str__(self) -> str:
        return f"{self.setting} = {self.value} ({self.origin}): {self.advice}"


class Row(Struct, frozen=True):
    """One setting as it is shown."""

    setting: str
    value: str
    origin: str
    about: str


class Config(Struct, frozen=True, kw_only=True):
    """How agentops runs in this process.

    Attributes:
        api_key: authenticates towards the collector at `endpoint`.
        parent_key: of an organisation's project at the collector.
        endpoint: the collector's address; None sends nothing away from this machine.
        app_url: the address where sessions are looked at; None: that of the collector.
        directory: where journals and the local store live.
        default_tags: tags of every session.
        trace_name: the name of sessions that are not given one.
        auto_start_session: whether `init` opens a session, and a call outside of one does.
        auto_init: whether the first use initialises agentops by itself.
        skip_auto_end_session: whether frameworks that end "the" session are ignored.
        instrument_llm_calls: whether installed libraries are observed.
        instrument: OpenTelemetry's instrumentations that are switched on, by name.
        env_data_opt_out: whether to record nothing about the machine.
        log_level: of the logger `agentops`, by name.
        max_wait_time: accepted for compatibility, milliseconds.
        max_queue_size: accepted for compatibility, events.
        export_flush_interval: how often recorded spans are delivered, milliseconds.
        exit_timeout: how long the end of the program may wait for delivery, seconds.
        journal_limit: how large the journals of a process may grow, bytes.
        local_store: whether spans are kept in the local store.
        console: whether spans are printed to stderr as they end.
        retention_days: how long the local store keeps sessions; None keeps them.
        load_plugins: names of the plugins to load; None loads all that are installed, an empty tuple none.
        disable_plugins: names of plugins that are left out, whatever `load_plugins` says.
        trace_plugins: whether each call of a plugin is logged.
        prices: own prices by `provider:model` or `model`: USD per million tokens of each kind.
        enabled: whether anything is recorded at all.
        capture_logs: whether what the program writes to stdout, stderr and `logging` is recorded.
        content: how much is recorded of what goes into calls and comes out of them: `full`, `redacted` or `none`.
        capture_content: False is the same as `none`.
        redact: which secrets are left out.
        origins: where each value came from.
        problems: what was wrong in the environment or in pyproject.
    """

    api_key: str | None
    parent_key: str | None
    endpoint: str | None
    app_url: str | None
    directory: Path
    default_tags: tuple[str, ...]
    trace_name: str | None
    auto_start_session: bool
    auto_init: bool
    skip_auto_end_session: bool
    instrument_llm_calls: bool
    instrument: tuple[str, ...]
    env_data_opt_out: bool
    log_level: str
    max_wait_time: int
    max_queue_size: int
    export_flush_interval: int
    exit_timeout: float
    journal_limit: int
    local_store: bool
    console: bool
    retention_days: float | None
    load_plugins: tuple[str, ...] | None
    disable_plugins: tuple[str, ...]
    trace_plugins: bool
    prices: Mapping[str, Mapping[str, float]]
    enabled: bool
    capture_logs: bool
    content: str
    capture_content: bool
    redact: Redaction
    origins: Mapping[str, Origin]
    problems: tuple[Problem, ...] = ()

    def __repr__(self) -> str:
        """Which settings somebody made, without their values: an API key has no place in a log."""
        made = (f"{name} from {origin}" for name, origin in self.origins.items() if origin.kind != "default")
        return f"Config({', '.join(made)})"

    def origin(self, setting: str) -> Origin:
        """Where the value of a setting came from."""
        return self.origins[setting]
