"""The table of settings: what each is called, how it is read and what it is when nobody says."""

from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from agentops.config import parsing
from agentops.config.redaction import Redaction, parse_content, parse_redaction


class Setting(Struct, frozen=True):
    """One setting.

    Attributes:
        field: its name in `Config`, as an argument and in pyproject.
        parse: from what was written to the value.
        default: the value when nobody says, or a function that gives it.
        about: what it does, in one line.
        variables: the environment variables that set it, the first that is set wins; `AGENTOPS_<FIELD>` if none is
            named.
        is_secret: whether its value is masked wherever it is shown.
        blank: whether an empty variable says something.
    """

    field: str
    parse: parsing.Parser
    default: Any
    about: str
    variables: tuple[str, ...] = ()
    is_secret: bool = False
    blank: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The environment variables that set it."""
        return self.variables or (f"AGENTOPS_{self.field.upper()}",)

    def initial(self) -> Any:
        """The value when nobody says."""
        return self.default() if callable(self.default) else self.default


def user_directory() -> Path:
    """The folder for data of this user, as the platform has it."""
    from platformdirs import user_data_path  # noqa: PLC0415 - takes 4 ms, and only those without AGENTOPS_DIR need it

    return user_data_path("agentops")


SETTINGS: Final = (
    Setting("api_key", parsing.parse_key, None, "authenticates towards the collector", is_secret=True),
    Setting("parent_key", parsing.parse_key, None, "of an organisation's project at the collector", is_secret=True),
    Setting("endpoint", parsing.parse_address, None, "the collector; none keeps all here", ("AGENTOPS_API_ENDPOINT",)),
    Setting("app_url", parsing.parse_address, None, "where sessions are looked at; the collector if none"),
    Setting("directory", parsing.parse_directory, user_directory, "where recordings live", ("AGENTOPS_DIR",)),
    Setting("default_tags", parsing.parse_words, (), "tags of every session"),
    Setting("trace_name", parsing.parse_text, None, "name of sessions that have none"),
    Setting("auto_start_session", parsing.parse_switch, default=True, about="open a session without being asked"),
    Setting("auto_init", parsing.parse_switch, default=True, about="initialise at first use"),
    Setting(
        "skip_auto_end_session", parsing.parse_switch, default=False, about="ignore frameworks that end the session"
    ),
    Setting("instrument_llm_calls", parsing.parse_switch, default=True, about="observe installed libraries"),
    Setting("instrument", parsing.parse_words, (), "OpenTelemetry's instrumentations to switch on, by name"),
    Setting("env_data_opt_out", parsing.parse_switch, default=False, about="record nothing about this machine"),
    Setting(
        "log_level",
        parsing.parse_level,
        "INFO",
        "of the logger `agentops`",
        ("AGENTOPS_LOG_LEVEL", "AGENTOPS_LOGGING_LEVEL"),
    ),
    Setting("max_wait_time", parsing.whole_from(0), 5000, "compatibility only, milliseconds"),
    Setting("max_queue_size", parsing.whole_from(1), 512, "compatibility only, events"),
    Setting("export_flush_interval", parsing.whole_from(1), 1000, "how often spans are delivered, milliseconds"),
    Setting("exit_timeout", parsing.parse_seconds, 2.0, "how long exit may wait for delivery, seconds"),
    Setting("journal_limit", parsing.parse_size, 256 * 2**20, "how large journals may grow, bytes"),
    Setting("local_store", parsing.parse_switch, default=True, about="keep spans in the local store"),
    Setting("console", parsing.parse_switch, default=False, about="print spans to stderr as they end"),
    Setting("retention_days", parsing.parse_days, None, "days that sessions are kept; none keeps them"),
    Setting("load_plugins", parsing.parse_words, None, "plugins to load; none loads all installed", blank=True),
    Setting("disable_plugins", parsing.parse_words, (), "plugins to leave out, by the library that they are for"),
    Setting("trace_plugins", parsing.parse_switch, default=False, about="log each call of a plugin"),
    Setting("prices", parsing.parse_prices, {}, "own prices, USD per million tokens"),
    Setting("enabled", parsing.parse_switch, default=True, about="record at all"),
    Setting(
        "capture_logs", parsing.parse_switch, default=False, about="record what is written to stdout, stderr, `logging`"
    ),
    Setting("content", parse_content, "full", "record what goes into calls and comes out: full, redacted or none"),
    Setting("capture_content", parsing.parse_switch, default=True, about="false is the same as content = none"),
    Setting("redact", parse_redaction, Redaction(), "leave out secrets, and what own rules find"),
)
