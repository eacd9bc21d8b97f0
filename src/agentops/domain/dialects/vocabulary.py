"""What the names of attributes tell before their values are looked at, learned once for each set of names."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import Struct

from agentops.domain.dialects.agentops import AGENTOPS
from agentops.domain.dialects.attributes import section_of
from agentops.domain.dialects.genai import GENAI
from agentops.domain.dialects.genai_older import GENAI_OLDER
from agentops.domain.dialects.openinference import OPENINFERENCE
from agentops.domain.dialects.openllmetry import OPENLLMETRY
from agentops.domain.dialects.reading import Dialect
from agentops.domain.dialects.vercel import VERCEL

DIALECTS: Final = (AGENTOPS, OPENINFERENCE, OPENLLMETRY, VERCEL, GENAI, GENAI_OLDER)

Names = tuple[str, ...]

_ROOM: Final = 2_000_000
"""How many characters of names are remembered before everything is forgotten."""

_LONGEST: Final = 20_000
"""A set of more characters is not remembered."""


class Vocabulary(Struct, frozen=True):
    """A set of names of attributes and events.

    Attributes:
        sections: the first two words of the names of attributes.
        spoken: the dialects that have such names.
        telling: those of them that read something that no dialect before them reads just so.
        kept: the attributes that no dialect takes.
        kept_of_call: the same, where the span is a model call.
    """

    sections: frozenset[str]
    spoken: tuple[str, ...]
    telling: tuple[Dialect, ...]
    kept: Names
    kept_of_call: Names


_known: Final[dict[tuple[Names, Names], Vocabulary]] = {}
_size: Final = [0]


def vocabulary_of(attributes: Mapping[str, Any], events: Iterable[Any] = ()) -> Vocabulary:
    """What the names of these attributes and events tell."""
    names = (tuple(attributes), tuple(dict.fromkeys([event.name for event in events])) if events else ())
    return _known.get(names) or _learn(*names)


def _learn(names: Names, events: Names) -> Vocabulary:
    everything = names + events
    spoken = [dialect for dialect in DIALECTS if any(name.startswith(dialect.marks) for name in everything)]
    taken = tuple(start for dialect in spoken for start in dialect.takes)
    taken_of_call = taken + tuple(start for dialect in spoken for start in dialect.takes_of_call)
    found = Vocabulary(
        sections=frozenset(section_of(name) for name in names),
        spoken=tuple(dialect.name for dialect in spoken),
        telling=tuple(dialect for dialect in spoken if any(dialect.is_telling(name) for name in everything)),
        kept=tuple(name for name in names if not name.startswith(taken)),
        kept_of_call=tuple(name for name in names if not name.startswith(taken_of_call)),
    )
    size = sum(map(len, everything))
    if size <= _LONGEST:
        if _size[0] + size > _ROOM:
            _known.clear()
            _size[0] = 0
        _known[names, events] = found
        _size[0] += size
    return found
