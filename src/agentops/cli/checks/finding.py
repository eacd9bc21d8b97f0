"""What a check found, and what to do about it."""

from enum import StrEnum

from msgspec import Struct


class Level(StrEnum):
    """How much a finding matters."""

    FINE = "fine"
    NOTE = "note"
    WARNING = "warning"
    """Works, but not as one would expect."""
    BROKEN = "broken"
    """Something is not recorded, or what is recorded cannot be reached."""


class Finding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing found; `fix` says what to do, for everything that is not fine."""

    level: Level
    text: str
    fix: str = ""


def fine(text: str) -> Finding:
    """All is well."""
    return Finding(level=Level.FINE, text=text)


def note(text: str, fix: str = "") -> Finding:
    """Worth knowing."""
    return Finding(level=Level.NOTE, text=text, fix=fix)


def warning(text: str, fix: str) -> Finding:
    """Works, but not as one would expect."""
    return Finding(level=Level.WARNING, text=text, fix=fix)


def broken(text: str, fix: str) -> Finding:
    """Does not work."""
    return Finding(level=Level.BROKEN, text=text, fix=fix)
