"""What projects and keys may be called."""

from typing import Final

from agentops.errors import ProjectError

LONGEST: Final = 100
"""Characters of a name."""


def checked_name(name: str, of: str) -> str:
    """A name, without the blanks around it.

    Raises:
        ProjectError: if nothing can be called so.
    """
    text = name.strip()
    if not text or len(text) > LONGEST or not text.isprintable():
        raise ProjectError(f"a {of}'s name has 1 to {LONGEST} characters, all of which can be printed")
    return text
