"""Levels of Python's `logging` as severities of OpenTelemetry.

https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
"""

from typing import Final

WORDS: Final = {"trace": 1, "debug": 5, "info": 9, "warning": 13, "error": 17, "critical": 21}
"""The severities that have a name, from the mildest; each stands for itself and the three above it."""

_STEP: Final = 4
_LEVELS: Final = 10
"""Between two of `logging`'s own levels."""


def severity_of(level: int) -> int:
    """The severity of a level of `logging`; one between two of the usual is up to three steps above the lower."""
    band, above = divmod(max(0, level), _LEVELS)
    if band >= len(WORDS) - 1:
        return WORDS["critical"] + min(max(0, level) - (len(WORDS) - 1) * _LEVELS, _STEP - 1)
    return 1 + band * _STEP + min(above, _STEP - 1)


def word_of(severity: int) -> str:
    """What a severity is called."""
    return next((word for word, least in reversed(WORDS.items()) if severity >= least), "trace")
