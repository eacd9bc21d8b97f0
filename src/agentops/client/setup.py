"""How a program is recorded: `init`, `configure`, and the settings that have functions of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from agentops.client import state
from agentops.client.arguments import named, settings_among
from agentops.config import resolve
from agentops.recording.guard import guarded, logger
from agentops.session.description import words
from agentops.stderr import speak

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agentops.config import Config, Origin
    from agentops.session.description import Tags
    from agentops.session.session import Session

_CHANGEABLE: Final = frozenset(
    {
        *("api_key", "parent_key", "app_url", "auto_init", "auto_start_session", "default_tags", "log_level"),
        *("max_queue_size", "max_wait_time", "skip_auto_end_session", "trace_name"),
    }
)
"""Settings that may change while a program is recorded."""


def init(  # noqa: PLR0913 - the settings that most programs give
    api_key: str | None = None,
    *positional: Any,
    endpoint: str | None = None,
    parent_key: str | None = None,
    tags: Tags = None,
    default_tags: Iterable[str] | None = None,
    trace_name: str | None = None,
    auto_start_session: bool | None = None,
    inherited_session_id: object = None,
    exporter: Any = None,
    span_processor: Any = None,
    **settings: Any,
) -> Session | None:
    """Begin to record; calling it again gives the running session.

    Every setting may also come from the environment or from `[tool.agentops]` in pyproject.toml; see
    `agentops doctor` for each value and where it came from. While a program is recorded, some settings cannot change
    any more: a warning says which. What is no setting is warned of as well, and does no harm.

    Args:
        api_key: authenticates towards a collector; not needed to record on this machine.
        positional: further arguments in the order of AgentOps 0.4, or of 0.3 where they tell that it is meant.
        endpoint: the collector.
        parent_key: of an organisation's project, towards a collector.
        tags: of every session, besides the default tags.
        default_tags: of every session.
        trace_name: what sessions are called where nobody says.
        auto_start_session: whether to start a session now; True by default.
        inherited_session_id: take part in the session that another process started.
        exporter: an OpenTelemetry span exporter that gets every ended span.
        span_processor: an OpenTelemetry span processor that does.
        settings: any other setting by its name.

    Returns:
        The session, or None where none was to be started or recording is switched off.

    Raises:
        ConfigurationError: if a setting cannot be what it was given; the message says what to do.
        TypeError: if there are more positional arguments than AgentOps ever had.
        ValueError: if the inherited id is no UUID.
    """
    given = named(positional) | settings
    explicit = {"endpoint": endpoint, "parent_key": parent_key, "default_tags": default_tags, "trace_name": trace_name}
    explicit |= {"api_key": api_key, "auto_start_session": auto_start_session}
    given |= {name: value for name, value in explicit.items() if value is not None}
    tags = tags or given.pop("tags", None)
    inherited_session_id = inherited_session_id or given.pop("inherited_session_id", None)
    parts = {"exporter": exporter, "span_processor": span_processor or given.pop("processor", None)}
    with state.current.lock:
        config = _reconfigure(given, tags)
        if not config.enabled:
            state.current.off = state.current.off or ""
            return None
        state.current.off = None
        if state.current.assembly is None:
            state.put_together(config, **parts)
        manager = None if state.current.assembly is None else state.current.assembly.manager
    if manager is None:
        return None
    if inherited_session_id is not None:
        return state.start_default(manager, config, tags, inherited_session_id)
    if not config.auto_start_session:
        return None
    return manager.registry.default or state.start_default(manager, config, tags)


def configure(  # noqa: PLR0913, PLR0917 - in the order of AgentOps 0.3
    api_key: str | None = None,
    parent_key: str | None = None,
    endpoint: str | None = None,
    max_wait_time: int | None = None,
    max_queue_size: int | None = None,
    default_tags: Iterable[str] | None = None,
    instrument_llm_calls: bool | None = None,  # noqa: FBT001 - AgentOps's signature
    auto_start_session: bool | None = None,  # noqa: FBT001 - the same
    skip_auto_end_session: bool | None = None,  # noqa: FBT001 - the same
    **settings: Any,
) -> None:
    """Change settings: for the coming `init`, or, as far as that goes, of the program that is being recorded.

    A warning names what can no longer change, and what is no setting.

    Args:
        api_key: authenticates towards a collector.
        parent_key: of an organisation's project, towards a collector.
        endpoint: the collector.
        max_wait_time: accepted for compatibility.
        max_queue_size: accepted for compatibility.
        default_tags: of sessions that start from now on.
        instrument_llm_calls: whether installed libraries are observed.
        auto_start_session: whether a session opens by itself.
        skip_auto_end_session: whether frameworks that end the session are ignored.
        settings: any other setting by its name.

    Raises:
        ConfigurationError: if a setting cannot be what it was given; the message says what to do.
    """
    named_ones = {
        "api_key": api_key,
        "parent_key": parent_key,
        "endpoint": endpoint,
        "max_wait_time": max_wait_time,
        "max_queue_size": max_queue_size,
        "default_tags": default_tags,
        "instrument_llm_calls": instrument_llm_calls,
        "auto_start_session": auto_start_session,
        "skip_auto_end_session": skip_auto_end_session,
    }
    settings |= named_ones
    with state.current.lock:
        config = _reconfigure(settings)
        if state.current.assembly is None:
            known, _ = settings_among(settings)
            state.current.remembered |= known
        else:
            speak(config.log_level)


def _reconfigure(given: dict[str, Any], tags: Tags = None) -> Config:
    """The configuration with these settings; the parts that are there already take over what they can.

    Args:
        given: settings by name, and whatever else the program passed.
        tags: added to the default tags.
    """
    known, unknown = settings_among(given)
    if unknown:
        logger.warning("%s", "; ".join(unknown))
    assembly = state.current.assembly
    if assembly is None:
        config = state.read_settings(known)
        return replace(config, default_tags=_united(config.default_tags, tags))
    if tags:
        known["default_tags"] = _united(known.get("default_tags") or assembly.config.default_tags, tags)
    wanted = resolve(known, {}, None)
    changed = {name for name in known if getattr(wanted, name) != getattr(assembly.config, name)}
    fixed = sorted(changed - _CHANGEABLE)
    if fixed:
        advice = "call agentops.shutdown() before agentops.init() to change that"
        logger.warning("%s cannot change while the program is recorded: %s", ", ".join(fixed), advice)
    if changed - set(fixed):
        _take_over({name: getattr(wanted, name) for name in changed - set(fixed)}, wanted.origins)
    return assembly.config


def _united(default_tags: Iterable[str], tags: Tags) -> tuple[str, ...]:
    return tuple(words([*default_tags, *words(tags)]))


def _take_over(values: dict[str, Any], origins: Mapping[str, Origin]) -> None:
    assembly = state.current.assembly
    if assembly is None:
        return
    origins = {**assembly.config.origins, **{name: origins[name] for name in values}}
    assembly.config = config = replace(assembly.config, **values, origins=origins)
    assembly.manager.configure(config)
    assembly.recorder.start_session = state.default_trace if config.auto_start_session else None
    speak(config.log_level)


def stop_instrumenting() -> None:
    """Leave every observed library as it was; sessions, decorators and events go on."""
    if state.current.assembly is not None:
        with guarded("leaving libraries as they were"):
            state.current.assembly.stop_observing()


def get_api_key() -> str | None:
    """The API key in use, or the one that `init` is going to use."""
    return (
        state.current.assembly.config.api_key if state.current.assembly is not None else state.read_settings({}).api_key
    )


def set_api_key(api_key: str) -> None:
    """Use this API key towards a collector.

    Raises:
        ConfigurationError: if it is no text.
    """
    configure(api_key=api_key)


def set_parent_key(parent_key: str) -> None:
    """Use this key of an organisation's project towards a collector.

    Raises:
        ConfigurationError: if it is no text.
    """
    configure(parent_key=parent_key)
