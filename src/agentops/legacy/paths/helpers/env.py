"""Environment variables, as AgentOps 0.4 reads them."""

import os


def get_env_bool(key: str, default: bool) -> bool:  # noqa: FBT001 - AgentOps's signature
    """A switch: on for `true`, `1`, `t` and `yes`."""
    value = os.environ.get(key)
    return default if value is None else value.lower() in {"true", "1", "t", "yes"}


def get_env_int(key: str, default: int) -> int:
    """A whole number; the default where the variable holds none."""
    try:
        return int(os.environ.get(key, default))
    except ValueError:
        return default


def get_env_list(key: str, default: list[str] | None = None) -> set[str]:
    """The words between commas."""
    value = os.environ.get(key)
    return set(default or ()) if value is None else {word for word in value.split(",") if word}
