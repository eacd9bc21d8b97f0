"""The settings of agentops: argument > environment > pyproject `[tool.agentops]` > default.

Every value knows where it came from. A setting that cannot be what the environment or pyproject says is left at its
default and kept as a `Problem`, for no program may fail over a typo in a setting; a wrong argument raises.
"""

from agentops.config.resolving import advice_on, describe, find_pyproject, is_setting, otlp_requested, resolve
from agentops.config.values import Config, Origin, Problem, Row

__all__ = [
    "Config",
    "Origin",
    "Problem",
    "Row",
    "advice_on",
    "describe",
    "find_pyproject",
    "is_setting",
    "otlp_requested",
    "resolve",
]
