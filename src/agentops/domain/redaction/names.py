"""Names that secrets stand under, told from those that only sound like it (`max_tokens`, `author`)."""

import re
from functools import lru_cache
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

PASSWORDS: Final = frozenset({"password", "passwords", "passwd", "pwd", "passphrase", "passcode"})
"""Secret wherever they stand in a name, and as numbers too."""

_SECRETS: Final = {
    **dict.fromkeys(("secret", "secrets"), "secret"),
    **dict.fromkeys(("credential", "credentials", "creds", "cred"), "credential"),
    **dict.fromkeys(("auth", "authorization", "authentication"), "authorization"),
    **dict.fromkeys(("cookie", "cookies"), "cookie"),
    **dict.fromkeys(("apikey", "apikeys", "accesskey", "privatekey", "secretkey"), "key"),
    "pass": "password",
    **dict.fromkeys(("accesstoken", "authtoken", "refreshtoken", "jwt"), "token"),
}
"""Secret as the last word of a name."""

_GLUED: Final = re.compile(
    r"(password|passwd|passphrase|passcode)$|(secret)$|(credentials?)$|((?:api|access|private|secret)keys?)$"
    r"|((?:access|auth|refresh|api|bot|bearer|session)token)$"
)
_GLUED_LABELS: Final = ("password", "secret", "credential", "key", "token")

_KEY_OF: Final = _words(
    "access account admin aes anthropic api app auth client cohere deploy encryption functions gemini groq "
    "hmac huggingface ingest license master mistral openai private rsa secret server service shared signing "
    "ssh storage subscription webhook write"
)
"""What stands before `key` where it is a secret."""

_TOKEN_OF: Final = _words("access api auth bearer bot personal refresh secret")
"""What stands before `tokens` where they are secrets."""

_NO_TOKEN_OF: Final = _words(
    "audio bos cached cls completion continuation cost cursor each end eos first image input last mask max min "
    "n next num output pad page per price prompt reasoning sep special start stop sync time total type unk"
)
"""What stands before `token` where it is a piece of text, or a place in a listing."""

_STRIPPED: Final = _words(
    "again b64 base64 bytes confirm confirmation current dev env header new old plain plaintext prod "
    "production raw staging str string test text value values var"
)
"""What may follow a word without changing what it says."""

_ABOUT: Final = _words(
    "age alg algorithm at attempts changed check count created date enabled error errors exists expiration "
    "expired expires expiry field fields file filename format hint id ids index input label length limit link "
    "manager max message method min mode name names needed path policy present prompt protected provider ref "
    "required requirements reset rule rules scope scopes score set size source state status store strength "
    "time title ttl type types updated uri url usage used valid validation validator version visible"
)
"""What follows a password's name where it tells about the password only."""


@lru_cache(maxsize=4096)
def secret_of(name: str) -> str | None:
    """What kind of secret stands under a name (`password`, `key`, ...); None where none does."""
    words = [word.lower() for word in _WORD.findall(name)]
    while words and (words[-1] in _STRIPPED or words[-1].isdigit()):
        words.pop()
    if not words:
        return None
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if any(word in PASSWORDS for word in words):
        return None if last in _ABOUT else "password"
    if last in ("key", "keys"):
        return "key" if before in _KEY_OF else None
    if last == "token":
        return None if before in _NO_TOKEN_OF else "token"
    if last == "tokens":
        return "token" if before in _TOKEN_OF else None
    return _SECRETS.get(last) or _glued(last)


def _glued(word: str) -> str | None:
    """What kind of secret is named without anything between the words of its name."""
    found = _GLUED.search(word)
    return None if found is None or found.lastindex is None else _GLUED_LABELS[found.lastindex - 1]


_SAID: Final = _words(
    "any auto basic bearer bool boolean bytes digest disabled enabled false int include integer missing n/a negotiate "
    "no none null nil number oauth oauth2 object off on omit optional password required secret set str string text "
    "token true undefined unset yes jwt cookie"
)

_PLACEHOLDER: Final = re.compile(
    r"\[?REDACTED|[<{$%*…]|\.\.\.|x{3,}|your|changeme|/(?:app|etc|home|mnt|opt|private|root|srv|tmp|usr|var|work\w*|Users)(?:/|$)|os\.|process\.|env\.|self\.|this\.|args\.|config\.|settings\.",
    re.IGNORECASE,
)


_VERSION: Final = re.compile(r"v?\d+(?:\.\d+){1,4}[\w.+-]{0,12}")


def is_harmless(value: str, label: str) -> bool:
    """Whether what stands under a secret's name is none: a word about it, a placeholder, or redacted already."""
    return (
        not value
        or value.lower() in _SAID
        or _PLACEHOLDER.match(value) is not None
        or (label != "password" and _VERSION.fullmatch(value) is not None)
    )
