"""Text without its secrets. What is put in their place says of what kind they were, and is valid inside JSON."""

import binascii
import re
from base64 import b64decode
from typing import Final

from agentops.domain.redaction.names import PASSWORDS, is_harmless, secret_of
from agentops.domain.redaction.shapes import LABELS, PASSWORD_IN_ADDRESS, PEM, SCHEME, SHAPED, SIGNED

LONGEST_NAME: Final = 60

_WORDS: Final = r"[pPsStTkKcCaA](?:(?i:ass|wd|ecret|oken|ey|red|uth|ookie))"
_QUOTED: Final = (
    r'"(?P<double>(?:[^"\\\n]|\\.)*)"'
    r"|'(?P<single>(?:[^'\\\n]|\\.)*)'"
    r"|(?P<quote>\\+[\"'])(?P<escaped>(?:(?!(?P=quote)).){0,8192})(?P=quote)"
)
_BARE: Final = r"(?P<bare>(?i:(?:bearer|basic|token|digest|apikey|negotiate)\s{1,3})?[^\s,;&\"'<>\\]+)"
_ASSIGNED: Final = re.compile(
    rf"{_WORDS}[\w.-]{{0,40}}(?:\\*[\"']\]?)?(?P<between>\s{{0,3}}(?:=>|:=|[:=])\s{{0,3}})(?:{_QUOTED}|{_BARE})",
    re.DOTALL,
)
_FLAG: Final = re.compile(rf"(?<![\w-])(--?[\w.-]{{0,40}}?{_WORDS}[\w.-]{{0,40}})(\s{{1,3}})([^\s\"'-][^\s\"']*)")
_COOKIES: Final = re.compile(r"(?i)\b((?:set-)?cookie)(\s{0,3}:\s{0,3})([^\n\"'\\]+)")
_NAME_BEFORE: Final = re.compile(rf"[\w.-]{{0,{LONGEST_NAME}}}\Z")
_KINDS: Final = ("double", "single", "escaped", "bare")
_TYPED: Final = re.compile(r"[A-Za-z_][\w.]*")
_CODE: Final = re.compile(r"[A-Za-z_][\w.]*[\[(|]")
_LOOKS_SECRET: Final = re.compile(r"(?=.*\d)\S{6,}|\S{16,}")
_MIXED: Final = re.compile(r"\d|[a-z][A-Z].*[a-z][A-Z]")
_LINE_ENDS: Final = re.compile(r"""[ \t]*(?:[\r\n;,&"'}\])]|\\[nr]|$)""")
_PARAMETER_LENGTH: Final = 8
_LONGEST_WORD: Final = 512
_ROUNDS: Final = 8
"""What was taken out may have stood between a secret and its name, or before another; so often that is looked at."""


def masked(label: str) -> str:
    """What stands in place of a secret of this kind."""
    return f"[REDACTED:{label}]"


def cut_before_word(text: str, limit: int) -> str:
    """The first so many characters, but for a word that goes on behind them: half of a secret is not known as one."""
    if len(text) <= limit:
        return text
    kept = text[:limit]
    if text[limit].isspace():
        return kept
    words = kept[-_LONGEST_WORD:].split()
    last = words[-1] if words and not kept[-1].isspace() else ""
    return kept[: len(kept) - len(last)] if len(last) < _LONGEST_WORD else kept


def clean_text(text: str) -> str:
    """A text without what the default rules know as secrets; cleaning it again changes nothing."""
    for _ in range(_ROUNDS):
        before, text = text, _clean_once(text)
        if text == before:
            break
    return text


def _clean_once(text: str) -> str:
    if "PRIVATE KEY" in text:
        text = PEM.sub(masked("private key"), text)
    text = SHAPED.sub(_shape, text)
    if "://" in text and "@" in text:
        text = PASSWORD_IN_ADDRESS.sub(_address, text)
    text = SIGNED.sub(_signed, text)
    text = SCHEME.sub(_scheme, text)
    text = _FLAG.sub(_flag, text)
    text = _COOKIES.sub(_cookie, text)
    return _assigned(text)


def _shape(match: re.Match[str]) -> str:
    return masked(LABELS[(match.lastindex or 1) - 1])


def _address(match: re.Match[str]) -> str:
    user, _, _ = match[0].removeprefix("://").partition(":")
    return f"://{user}:{masked('password')}@"


def _signed(match: re.Match[str]) -> str:
    return match[0] if is_harmless(match["value"], "signature") else match["kept"] + masked("signature")


def _scheme(match: re.Match[str]) -> str:
    """What follows `Bearer` or `Basic`, where it is no prose."""
    value = match["value"]
    if match["kept"].strip().lower() == "basic":
        return match["kept"] + masked("authorization") if _is_user_and_password(value) else match[0]
    return match["kept"] + masked("token") if re.search(r"\d|[A-Z].*[A-Z]", value) else match[0]


def _is_user_and_password(encoded: str) -> bool:
    try:
        return b":" in b64decode(encoded + "=" * (-len(encoded) % 4))
    except binascii.Error:
        return False


def _flag(match: re.Match[str]) -> str:
    """A secret that follows its option on a command line."""
    label = secret_of(match[1])
    return match[0] if label is None or is_harmless(match[3], label) else f"{match[1]}{match[2]}{masked(label)}"


def _cookie(match: re.Match[str]) -> str:
    is_told = "=" in match[3] and not is_harmless(match[3], "cookie")
    return f"{match[1]}{match[2]}{masked('cookie')}" if is_told else match[0]


def _assigned(text: str) -> str:
    """Values that are given to a secret's name, in any notation."""
    parts: list[str] = []
    kept = at = 0
    while (match := _ASSIGNED.search(text, at)) is not None:
        kind = next(kind for kind in _KINDS if match[kind] is not None)
        label = _label_of(text, match)
        if label is None or not _is_secret(match[kind], kind, match, label):
            at = match.end("between")
            continue
        start, at = match.span(kind)
        parts += text[kept:start], masked(label)
        kept = at
    return text if not parts else "".join((*parts, text[kept:]))


def _label_of(text: str, match: re.Match[str]) -> str | None:
    before = text[max(0, match.start() - LONGEST_NAME) : match.start()]
    name = text[match.start() : match.start("between")].rstrip("\"'\\]")
    found = _NAME_BEFORE.search(before)
    front = found[0] if found is not None else ""
    around = before[: len(before) - len(front)][-1:]
    if around == "\\":  # a line break in JSON inside text
        front = front[1:] if front else ""
    whole = front + name
    if whole.lower() == "key" and around in ("?", "&") and "=" in match["between"]:
        return "key" if len(match["bare"] or "") >= _PARAMETER_LENGTH else None
    if whole.lower() == "pass" and ":" in match["between"]:
        return None
    return secret_of(whole)


def _is_secret(value: str, kind: str, match: re.Match[str], label: str) -> bool:
    """Whether a value is one, or code and prose that only mention its name."""
    if is_harmless(value, label):
        return False
    if kind == "bare":
        return _is_bare_secret(value, match, label)
    return " " not in value.strip() or label == "password" or _LOOKS_SECRET.search(value) is not None


def _is_bare_secret(value: str, match: re.Match[str], label: str) -> bool:
    between, is_name = match["between"], _TYPED.fullmatch(value) is not None
    if label == "authorization" and " " in value:
        return True
    if _CODE.match(value):
        return False
    if between == "=":
        return not (is_name and ("." in value or "_" in value or value.lower() in PASSWORDS))
    if _LOOKS_SECRET.fullmatch(value) and (not is_name or _MIXED.search(value)):
        return True
    return ":" in between and label != "token" and _LINE_ENDS.match(match.string, match.end()) is not None
