"""What secrets look like: one pattern for each kind of key, as its issuer or the scanners of repositories describe it.

Patterns are written for text and for its JSON alike. Sources: https://docs.github.com/en/code-security/secret-scanning,
https://docs.gitlab.com/user/application_security/secret_detection/detected_secrets/ and the issuers' own pages.
"""

import re
from typing import Final

_KEYS: Final[tuple[tuple[str, str], ...]] = (
    ("anthropic key", r"sk-ant-[\w-]{16,}"),
    ("langfuse key", r"sk-lf-[\w-]{16,}"),
    ("openrouter key", r"sk-or-[\w-]{16,}"),
    ("openai key", r"sk-(?:proj|svcacct|admin|service|None)-[\w-]{16,}"),
    ("openai key", r"sk-(?=[a-z_]*[A-Z0-9])\w{16,}(?!\w)"),
    ("stripe key", r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    ("stripe secret", r"whsec_[A-Za-z0-9+/=]{16,}"),
    ("elevenlabs key", r"sk_[0-9a-f]{32,}"),
    ("google key", r"AIza[\w-]{30,}"),
    ("google token", r"ya29\.[\w-]{16,}"),
    ("google secret", r"GOCSPX-[\w-]{16,}"),
    ("aws key", r"(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA|AGPA|ANPA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ("github token", r"gh[pousr]_[A-Za-z0-9]{16,}"),
    ("github token", r"github_pat_\w{16,}"),
    ("gitlab token", r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt|oas)-[\w-]{16,}"),
    ("slack token", r"xox[a-z]-[\w-]{10,}"),
    ("slack token", r"xapp-[\w-]{10,}"),
    ("hugging face token", r"hf_[A-Za-z0-9]{16,}"),
    ("hugging face token", r"api_org_[A-Za-z0-9]{16,}"),
    ("groq key", r"gsk_[A-Za-z0-9]{16,}"),
    ("xai key", r"xai-[A-Za-z0-9]{16,}"),
    ("perplexity key", r"pplx-[A-Za-z0-9]{16,}"),
    ("replicate token", r"r8_[A-Za-z0-9]{16,}"),
    ("tavily key", r"tvly-[\w-]{16,}"),
    ("pinecone key", r"pcsk_\w{16,}"),
    ("langsmith key", r"(?:lsv2_(?:pt|sk)_|ls__)\w{16,}"),
    ("nvidia key", r"nvapi-[\w-]{16,}"),
    ("fireworks key", r"fw_[A-Za-z0-9]{16,}(?!\w)"),
    ("cerebras key", r"csk-[a-z0-9]{16,}"),
    ("firecrawl key", r"fc-[0-9a-f]{32}"),
    ("jina key", r"jina_\w{16,}"),
    ("e2b key", r"e2b_[0-9a-f]{16,}"),
    ("npm token", r"npm_[A-Za-z0-9]{16,}"),
    ("pypi token", r"pypi-Ag[\w-]{16,}"),
    ("sendgrid key", r"SG\.[\w-]{16,}\.[\w-]{16,}"),
    ("twilio key", r"SK[0-9a-f]{32}(?![0-9A-Za-z])"),
    ("mailgun key", r"key-[0-9a-f]{32}(?![0-9A-Za-z])"),
    ("digitalocean token", r"do[opr]_v1_[0-9a-f]{16,}"),
    ("databricks token", r"dapi[0-9a-f]{32}"),
    ("discord token", r"[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,}"),
    ("azure secret", r"[\w~.-]{3}8Q~[\w~.-]{31,}"),
    ("vault token", r"hv[sbr]\.[\w-]{16,}"),
    ("supabase key", r"sb(?:p_[0-9a-f]{32,}|_secret_[\w-]{16,})"),
    ("notion token", r"ntn_[A-Za-z0-9]{16,}"),
    ("linear key", r"lin_(?:api|oauth)_[A-Za-z0-9]{16,}"),
    ("shopify token", r"shp(?:at|ss|ca|pa)_[0-9a-fA-F]{32}"),
    ("atlassian token", r"ATATT3[\w=-]{16,}"),
    ("grafana token", r"gl(?:sa|c)_[\w=+/]{16,}"),
    ("sentry token", r"sntry[su]_[\w=+/]{16,}"),
    ("new relic key", r"NRAK-[A-Z0-9]{16,}"),
    ("postman key", r"PMAK-[0-9a-f-]{16,}"),
    ("planetscale token", r"pscale_(?:tkn|pw|oauth)_[\w.-]{16,}"),
    ("age key", r"AGE-SECRET-KEY-1[A-Z0-9]{16,}"),
    ("jwt", r"eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)*"),
)

_AT_START: Final = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrtbf]))"
"""Where a key begins; in JSON a line break before it reads as a letter."""

_IN_CONTEXT: Final = (
    ("telegram token", r"(?<!\d)\d{8,10}:[\w-]{35}(?![\w-])"),
    ("webhook", r"(?<=webhooks/)\d{17,20}/[\w-]{16,}"),
    ("webhook", r"(?<=/services/)T\w{6,}/B\w{6,}/\w{16,}"),
)
"""What is known by what stands around it as well."""

LABELS: Final = tuple(label for label, _ in (*_KEYS, *_IN_CONTEXT))

_KEY: Final = rf"{_AT_START}(?:{'|'.join(f'({pattern})' for _, pattern in _KEYS)})"
_CONTEXT: Final = "|".join(f"({pattern})" for _, pattern in _IN_CONTEXT)
_SIGNED: Final = r"(?i:[?&](?:sig|signature|x-amz-signature|x-goog-signature|x-amz-security-token|code)=)"
_SCHEME: Final = r"(?:(?<![A-Za-z])|(?<=\\[nrtbf]))(?i:bearer|basic)\s{1,3}"

SHAPED: Final = re.compile(f"{_KEY}|{_CONTEXT}", re.ASCII)
"""A key or token in text; the number of the group says which of `LABELS`."""

_HEADS: Final = (
    "sk-", "sk_", "rk_", "csk-", "whsec_", "AIza", "ya29", "GOCSPX", "AKIA", "ASIA", "ABIA", "ACCA", "AROA", "AIDA",
    "AGPA", "ANPA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glrt-", "glcbt-",
    "glptt-", "glft-", "glsoat-", "glagent-", "glimt-", "gloas-", "xox", "xapp-", "hf_", "api_org_", "gsk_", "xai-",
    "pplx-", "r8_", "tvly-", "pcsk_", "lsv2_", "ls__", "nvapi-", "fw_", "fc-", "jina_", "e2b_", "npm_", "pypi-", "SG.",
    "SK", "key-", "dop_", "doo_", "dor_", "dapi", "8Q~", "hvs.", "hvb.", "hvr.", "sbp_", "sb_", "ntn_",
    "lin_", "shp", "ATATT3", "glsa_", "glc_", "sntry", "NRAK-", "PMAK-", "pscale_", "AGE-", "eyJ",
)  # fmt: skip
"""How what has a shape of its own begins."""


def _by_first_letter(heads: tuple[str, ...]) -> str:
    """A pattern for any of these, which tries only those that begin as the text does."""
    firsts = dict.fromkeys(head[0] for head in heads)
    rests = {first: "|".join(re.escape(head[1:]) for head in heads if head[0] == first) for first in firsts}
    return "|".join(f"{first}(?:{rest})" if rest else first for first, rest in rests.items())


HEADS: Final = re.compile(_by_first_letter(_HEADS).encode())
"""Where a key or token may begin, in JSON."""

MARKS: Final = re.compile(f"{_KEY}|{_CONTEXT}|{_SIGNED}|{_SCHEME}".encode())
"""A key or token in JSON, and what says that a secret without a shape of its own follows."""

PEM: Final = re.compile(
    r"-----BEGIN (?P<kind>[A-Z0-9 ]{0,40})PRIVATE KEY(?: BLOCK)?-----"
    r"(?:.*?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|.*)",
    re.DOTALL,
)
SIGNED: Final = re.compile(rf"(?P<kept>{_SIGNED})(?P<value>[^&\s\"'<>\\#]{{8,}})")
SCHEME: Final = re.compile(rf"(?P<kept>{_SCHEME})(?P<value>[A-Za-z0-9._~+/-]{{20,}}=*)")
ADDRESS: Final = r"://[^/\s:@\"'\\<>]{0,256}:[^/\s\"'\\<>]{1,1024}@"
"""An address with a password; its user's name may be empty."""
PASSWORD_IN_ADDRESS: Final = re.compile(ADDRESS)
