"""What programs of both AgentOps generations pass to `init`, brought to settings by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agentops.config import advice_on, is_setting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FIRST: Final = ("max_wait_time", "max_queue_size", "tags", "default_tags")
_OF_0_3: Final = (
    *("parent_key", "endpoint", *_FIRST, "instrument_llm_calls"),
    *("auto_start_session", "inherited_session_id", "skip_auto_end_session"),
)
_OF_0_4: Final = (
    *("endpoint", "app_url", *_FIRST, "trace_name", "instrument_llm_calls", "auto_start_session", "auto_init"),
    *("skip_auto_end_session", "env_data_opt_out", "log_level", "fail_safe", "log_session_replay_url"),
    "exporter_endpoint",
)
_AFTER_TAGS: Final = 6
"""Where the two orders part for good: the name of sessions in the one, a switch in the other."""

NO_LONGER_MEANT: Final = frozenset({"exporter_endpoint", "fail_safe", "log_session_replay_url", "prefetch_jwt_token"})
"""Arguments of AgentOps that programs may still pass; nothing here depends on them."""


def named(positional: Sequence[Any]) -> dict[str, Any]:
    """Arguments of `init` after the API key by their names, in the order of 0.4 or, where it is clear, of 0.3.

    Raises:
        TypeError: if there are more than either has.
    """
    names = _OF_0_3 if _is_of_0_3(positional) else _OF_0_4
    if len(positional) > len(names):
        raise TypeError(f"init takes at most {len(names) + 1} positional arguments: pass the others by name")
    return dict(zip(names, positional, strict=False))


def _is_of_0_3(positional: Sequence[Any]) -> bool:
    """A second argument that is no address is a parent key; so is one before an address, or before a switch."""
    second, third, seventh = [*positional[:2], None, None][:2] + [*positional[_AFTER_TAGS:], None][:1]
    if second is not None and "://" not in str(second):
        return True
    return second is None and ("://" in str(third) or isinstance(seventh, bool))


def settings_among(given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The settings among keyword arguments, and what to say of those that are none."""
    settings = {name: value for name, value in given.items() if is_setting(name) and value is not None}
    unknown = [name for name in given if not is_setting(name) and name not in NO_LONGER_MEANT]
    return settings, [advice_on(name) for name in unknown]
