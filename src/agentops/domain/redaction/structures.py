"""Records without their secrets: what they mean to readers stays as it is, what programs said is cleaned."""

from collections.abc import Callable
from typing import Any, Final, cast


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KEPT: Final = _words(
    "record session_id span_id parent_id trace_id id kind type source status status_code state end_state start "
    "end time number first_token counted_error cost count agent_id links process_id inherited severity "
    "severity_text thread"
)
"""Fields of records by which they are told apart, ordered and counted."""

_KEPT_OF_EXCHANGE: Final = _words(
    "operation provider model stream server_address id finish_reasons usage request_id service_tier cost"
)
_KEPT_OF_TURN: Final = _words("role type kind finish_reason modality size server is_error")
_TURNS: Final = ("messages", "tools", "parts")
_NESTED: Final = ("agents", "events", "error")

Clean = Callable[[Any], Any]


def clean_record(record: dict[str, Any], clean: Clean) -> dict[str, Any]:
    """A record as JSON, each value of it that programs said cleaned."""
    return {name: value if name in _KEPT else _clean_field(name, value, clean) for name, value in record.items()}


def _clean_field(name: str, value: Any, clean: Clean) -> Any:
    if name in ("request", "response"):
        return clean_exchange(value, clean)
    if name in _NESTED:
        return _clean_nested(value, clean)
    return clean(value)


def _clean_nested(value: Any, clean: Clean) -> Any:
    if isinstance(value, list):
        return [_clean_nested(item, clean) for item in cast("list[Any]", value)]
    return {name: item if name in _KEPT else clean(item) for name, item in value.items()}


def clean_exchange(exchange: dict[str, Any], clean: Clean) -> dict[str, Any]:
    """A `Request` or `Response` as JSON, what was said in it cleaned."""
    return {
        name: value if name in _KEPT_OF_EXCHANGE else _clean_turns(value, clean) if name in _TURNS else clean(value)
        for name, value in exchange.items()
    }


def _clean_turns(turns: list[dict[str, Any]], clean: Clean) -> list[dict[str, Any]]:
    return [
        {
            name: value if name in _KEPT_OF_TURN else _clean_turns(value, clean) if name in _TURNS else clean(value)
            for name, value in turn.items()
        }
        for turn in turns
    ]
