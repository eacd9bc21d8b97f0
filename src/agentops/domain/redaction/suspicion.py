"""Whether JSON may hold a secret at all: what almost nothing that is recorded does, found out in passing.

Searching one literal in a string is the fastest thing that Python does. So bytes are first translated into classes in
which many words are one:

- every name of a secret holds three letters, one of `akprs`, one of `ceuw` and one of `dnoty` (`key`, `token`,
  `secret`, `password`, `pwd`, `credential`, `auth`), or has a word of its own in these classes (`pass`, `cookie`);
- every secret that is known by its shape has `RUN` characters in a row that are neither punctuation nor space.

Where a class is found, the bytes themselves are asked, and only where these agree the JSON is read.
"""

import re
from functools import lru_cache
from typing import Final

from agentops.domain.redaction.names import secret_of
from agentops.domain.redaction.shapes import ADDRESS, HEADS, MARKS

RUN: Final = 20
"""How many characters in a row a secret has that is known by its shape."""

FREE: Final = 12
"""JSON of so many bytes has no room for a name and a secret under it."""

FREE_CALL: Final = RUN + len('[[""],{}]') - 1
"""Arguments of so many bytes have no room for a secret that is known by its shape."""

_TOKEN: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+%~"


def _classes(default: bytes, classes: dict[bytes, bytes]) -> bytes:
    table = bytearray(default * 256)
    for name, members in classes.items():
        for member in members:
            table[member] = ord(name)
    return bytes(table)


NAME_CLASSES: Final = _classes(
    b"|",
    {
        b"t": _TOKEN + b".",
        b"X": b"akprsAKPRS",
        b"Y": b"ceuwCEUW",
        b"Z": b"dnotyDNOTY",
        b"i": b"iI",
        b"-": b"-",
        b"q": b"\"'\\]",
        b"=": b":=",
        b",": b",",
        b" ": b" ",
    },
)
"""What bytes are translated with before `NAME`, `PASS` and `COOKIE` are searched in them."""
NAME: Final = "XYZ"
PASS: Final = "XXXX"  # noqa: S105 - letters of a word
COOKIE: Final = "YZZXi"

RUN_CLASSES: Final = _classes(b" ", {b"t": _TOKEN + b"-"})
"""What bytes are translated with before `LONG` is searched in them."""
LONG: Final = "t" * RUN

_WORDS: Final = (NAME, PASS, COOKIE)
_NAMED: Final = tuple(
    (word, re.compile(rf"{word}[XYZti-]{{0,40}}+(?:q{{1,8}} {{0,3}}[=,]| {{0,3}}=)")) for word in _WORDS
)
"""Each begins with a literal, which `re` finds fast, and never goes back to try less of the rest of the name."""
_BREAK: Final = "-----"
_NAMED_OR_BROKEN: Final = tuple(
    (word, re.compile(rf"{word}[XYZti-]{{0,40}}(?:q{{1,8}} {{0,3}}[=,]| {{0,3}}=|{_BREAK})")) for word in _WORDS
)
"""The same where a key may be named by the line that it begins with (`-----BEGIN PRIVATE KEY-----`)."""
_FLAG: Final = re.compile(r"--[XYZti-]{0,40}?(?:XYZ|XXXX)[XYZti-]{0,40} ")
_LONG: Final = 1000
"""From so many bytes on a search that finds nothing costs more than beginning one."""
_AROUND: Final = 64
"""How far around a long run of characters what belongs to it may be."""
_SPACE, _COLON, _EQUALS, _SLASH, _DOT, _BACKSLASH = b" :=/.\\"
_DIGITS: Final = b"0123456789"
_DISCORD: Final = b"MNO"
_SCHEMES: Final = (b"bearer ", b"basic ")
_BEFORE_DOT: Final = (b"ya29.", b"hvs.", b"hvb.", b"hvr.", b"SG.")
_LONGEST_NAME: Final = 60
_PART: Final = re.compile(rb"(?i)key|ken|ret|red|aut|swo|swd|sco|pwd|pass|cooki")
"""What of the names of secrets it is that the classes find."""
_OF_NAMES: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")
_AT: Final = ord("@")
_ADDRESS: Final = re.compile(ADDRESS.encode())


def is_suspect(data: bytes) -> bool:
    """Whether JSON may hold a secret that the default rules know."""
    classes = data.translate(NAME_CLASSES).decode()
    if (NAME in classes or PASS in classes or COOKIE in classes) and _has_name(data, classes):
        return True
    if _AT in data and b"://" in data and _ADDRESS.search(data) is not None:
        return True
    runs = data.translate(RUN_CLASSES).decode()
    return LONG in runs and _has_shape(data, runs)


def _has_shape(data: bytes, runs: str) -> bool:
    start = runs.find(LONG)
    while start >= 0:
        end = runs.find(" ", start + RUN)
        if end < 0:
            end = len(runs)
        if (HEADS.search(data, start, end) is not None or _is_led(data, start, end)) and (
            MARKS.search(data, max(0, start - _AROUND), end + _AROUND) is not None
        ):
            return True
        start = runs.find(LONG, end)
    return False


def _is_led(data: bytes, start: int, end: int) -> bool:
    """Whether what stands around a run of characters may say that it is a secret."""
    before = data[start - 1] if start else 0
    if data[end : end + 1] == b"." and data[start + (before == _BACKSLASH)] in _DISCORD:  # behind the rest of a break
        return True
    if before == _SPACE:
        return data[max(0, start - 7) : start].lower().endswith(_SCHEMES)
    if before == _COLON:
        return start > 1 and data[start - 2] in _DIGITS
    if before == _EQUALS:
        return True
    if before == _DOT:
        return data[max(0, start - 5) : start].endswith(_BEFORE_DOT)
    around = data[max(0, start - _AROUND) : start]
    return before == _SLASH and (b"/services/" in around or b"webhooks/" in around)


def _has_name(data: bytes, classes: str) -> bool:
    is_long = len(data) > _LONG
    for word, pattern in _NAMED_OR_BROKEN if _BREAK in classes else _NAMED:
        if is_long or word in classes:
            for match in pattern.finditer(classes):
                at = match.start()
                if _has_part(data[at : match.end()]) and _names_secret(data, at, match[0]):
                    return True
    if not (is_long or "--" in classes):
        return False
    return any(_is_secret(data[option.start() : option.end() - 1]) for option in _FLAG.finditer(classes))


def _names_secret(data: bytes, at: int, found: str) -> bool:
    if found.endswith(_BREAK):
        return data[at : at + 3] == b"KEY"
    start, end = at, at + len(NAME)
    while start and data[start - 1] in _OF_NAMES and at - start < _LONGEST_NAME:
        start -= 1
    while end < len(data) and data[end] in _OF_NAMES and end - at < _LONGEST_NAME:
        end += 1
    name = data[start:end]
    if start and data[start - 1] == ord("\\"):  # the rest of a line break
        name = name[1:]
    if name[:3].lower() == b"key" and start and data[start - 1] in b"?&":
        return True
    return _is_secret(name)


@lru_cache(maxsize=4096)
def _has_part(name: bytes) -> bool:
    return _PART.search(name) is not None


@lru_cache(maxsize=4096)
def _is_secret(name: bytes) -> bool:
    return secret_of(name.decode("ascii", "replace")) is not None
