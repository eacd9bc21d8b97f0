"""Secrets of every shape, made up at run time: no line here holds a key, so that nobody's scanner finds one."""

import base64
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
HEX = "0123456789abcdef"
URL = LETTERS + "-_"


@dataclass(frozen=True)
class Secret:
    """A text with a secret in it, and the part of it that must not be found."""

    name: str
    text: str
    core: str


def draw(seed: str, alphabet: str, length: int) -> str:
    """Characters that are the same in every run; the first and the last are letters or digits."""
    chance = random.Random(seed)  # reproducible
    inner = "".join(chance.choice(alphabet) for _ in range(length - 2))
    plain = [character for character in alphabet if character.isalnum()]
    return f"{chance.choice(plain)}{inner}{chance.choice(plain)}"


SHAPES: tuple[tuple[str, str, str, int], ...] = (
    ("openai", "sk-", LETTERS, 48),
    ("openai project", "sk-" + "proj-", URL, 120),
    ("openai service account", "sk-" + "svcacct-", URL, 120),
    ("openai admin", "sk-" + "admin-", URL, 100),
    ("deepseek", "sk-", HEX, 32),
    ("anthropic", "sk-" + "ant-api03-", URL, 95),
    ("anthropic admin", "sk-" + "ant-admin01-", URL, 95),
    ("openrouter", "sk-" + "or-v1-", HEX, 64),
    ("langfuse", "sk-" + "lf-", HEX + "-", 36),
    ("google", "AI" + "za", URL, 35),
    ("google oauth", "ya" + "29.", URL, 60),
    ("google client secret", "GOC" + "SPX-", URL, 28),
    ("aws", "AK" + "IA", UPPER, 16),
    ("aws temporary", "AS" + "IA", UPPER, 16),
    ("aws role", "AR" + "OA", UPPER, 16),
    ("github", "gh" + "p_", LETTERS, 36),
    ("github oauth", "gh" + "o_", LETTERS, 36),
    ("github user", "gh" + "u_", LETTERS, 36),
    ("github server", "gh" + "s_", LETTERS, 36),
    ("github refresh", "gh" + "r_", LETTERS, 76),
    ("github fine-grained", "github" + "_pat_", LETTERS + "_", 82),
    ("gitlab", "gl" + "pat-", URL, 20),
    ("gitlab deploy", "gl" + "dt-", URL, 20),
    ("gitlab runner", "gl" + "rt-", URL, 20),
    ("slack bot", "xo" + "xb-", "0123456789-", 40),
    ("slack user", "xo" + "xp-", LETTERS + "-", 60),
    ("slack app", "xa" + "pp-1-", LETTERS + "-", 60),
    ("stripe", "sk" + "_live_", LETTERS, 24),
    ("stripe restricted", "rk" + "_live_", LETTERS, 24),
    ("stripe test", "sk" + "_test_", LETTERS, 24),
    ("stripe webhook", "wh" + "sec_", LETTERS, 32),
    ("hugging face", "h" + "f_", LETTERS, 34),
    ("groq", "gs" + "k_", LETTERS, 52),
    ("xai", "xa" + "i-", LETTERS, 80),
    ("perplexity", "pp" + "lx-", LETTERS, 48),
    ("replicate", "r" + "8_", LETTERS, 37),
    ("tavily", "tv" + "ly-", LETTERS, 32),
    ("tavily dev", "tv" + "ly-dev-", LETTERS, 32),
    ("pinecone", "pc" + "sk_", LETTERS + "_", 66),
    ("langsmith", "ls" + "v2_pt_", HEX + "_", 43),
    ("langsmith service", "ls" + "v2_sk_", HEX + "_", 43),
    ("nvidia", "nv" + "api-", URL, 64),
    ("cerebras", "cs" + "k-", LOWER, 48),
    ("fireworks", "f" + "w_", LETTERS, 24),
    ("firecrawl", "f" + "c-", HEX, 32),
    ("jina", "ji" + "na_", LETTERS, 60),
    ("e2b", "e2" + "b_", HEX, 40),
    ("elevenlabs", "s" + "k_", HEX, 48),
    ("npm", "np" + "m_", LETTERS, 36),
    ("pypi", "py" + "pi-AgEIcHlwaS5vcmc", URL, 60),
    ("twilio", "S" + "K", HEX, 32),
    ("mailgun", "ke" + "y-", HEX, 32),
    ("digitalocean", "do" + "p_v1_", HEX, 64),
    ("databricks", "da" + "pi", HEX, 32),
    ("vault", "hv" + "s.", URL, 90),
    ("supabase", "sb" + "p_", HEX, 40),
    ("supabase secret", "sb" + "_secret_", URL, 30),
    ("notion", "nt" + "n_", LETTERS, 46),
    ("linear", "li" + "n_api_", LETTERS, 40),
    ("shopify", "sh" + "pat_", HEX, 32),
    ("atlassian", "ATA" + "TT3", LETTERS, 60),
    ("grafana", "gl" + "sa_", LETTERS, 40),
    ("sentry", "sn" + "trys_", LETTERS, 60),
    ("new relic", "NR" + "AK-", UPPER, 27),
    ("postman", "PM" + "AK-", HEX, 59),
    ("planetscale", "pscale" + "_tkn_", LETTERS, 43),
    ("age", "AGE-" + "SECRET-KEY-1", UPPER, 58),
)
"""Name, how it begins, of which characters and how many the rest is."""

NAMES = (
    *("password", "passwd", "pwd", "db_password", "userPassword", "PASSWORD", "password2", "new_password"),
    *("passphrase", "passcode", "smtp_pass", "secret", "client_secret", "clientSecret", "app-secret", "SECRET_KEY"),
    *("token", "access_token", "accessToken", "refresh_token", "auth_token", "csrf_token", "bot_token", "id_token"),
    *("api_key", "apikey", "apiKey", "api-key", "X-Api-Key", "OPENAI_API_KEY", "access_key", "aws_secret_access_key"),
    *("private_key", "privateKey", "encryption_key", "signing_key", "AccountKey", "Ocp-Apim-Subscription-Key"),
    *("credential", "credentials", "Authorization", "Proxy-Authorization", "basic_auth", "auth", "x-auth-token"),
    *("session_token", "webhook_secret", "storage_key", "account_key", "secret_value", "dbpassword", "accesstoken"),
)
"""Names under which anything is a secret."""


def shaped() -> Iterator[Secret]:
    """Secrets that are known by their shape."""
    for name, head, alphabet, length in SHAPES:
        rest = draw(name, alphabet, length)
        yield Secret(name, head + rest, rest[:16])
    yield from _in_parts()
    yield from _in_context()


def _in_parts() -> Iterator[Secret]:
    first, second = draw("sendgrid", URL, 22), draw("sendgrid 2", URL, 43)
    yield Secret("sendgrid", f"S{'G'}.{first}.{second}", second)
    claims = base64.urlsafe_b64encode(json.dumps({"sub": draw("jwt", LETTERS, 20)}).encode()).decode().rstrip("=")
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    yield Secret("jwt", f"{header}.{claims}.{draw('signature', URL, 43)}", claims)
    discord = draw("discord", URL, 27)
    yield Secret("discord", f"M{draw('discord 1', LETTERS, 23)}.{draw('discord 2', LETTERS, 6)}.{discord}", discord)
    telegram = draw("telegram", URL, 35)
    yield Secret("telegram", f"123456789:{telegram}", telegram)
    azure = draw("azure", LETTERS, 34)
    yield Secret("azure", f"abc8{'Q'}~{azure}", azure)
    for kind in ("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "):
        body = "\n".join(draw(f"pem {kind}{line}", LETTERS + "+/", 64) for line in range(6))
        mark = f"{kind}PRIVATE" + " KEY-----"
        yield Secret(f"pem {kind}", f"-----BEGIN {mark}\n{body}\n-----END {mark}", body[65:129])


def _in_context() -> Iterator[Secret]:
    value = draw("context", LETTERS, 40)
    encoded = base64.b64encode(f"user:{value}".encode()).decode()
    yield Secret("bearer", f"Bearer {value}", value)
    yield Secret("basic", f"Basic {encoded}", encoded)
    yield Secret("header line", f"Authorization: Bearer {value}", value)
    yield Secret("short header line", "Authorization: Bearer z9Q7x", "z9Q7x")
    yield Secret("cookie line", f"Cookie: id={value}; theme=dark", value)
    yield Secret("set-cookie line", f"Set-Cookie: sid={value}; HttpOnly", value)
    yield Secret("key header line", f"X-Api-Key: {value}", value)
    for scheme in ("https", "postgres", "postgresql+psycopg", "mysql", "redis", "amqp", "mongodb+srv", "ftp"):
        yield Secret(f"{scheme} address", f"{scheme}://user:{value}@host.example/db", value)
    yield Secret("nameless address", f"redis://:{value}@host:6379/0", value)
    for name in ("key", "api_key", "token", "access_token", "sig", "signature", "client_secret", "X-Amz-Signature"):
        yield Secret(f"{name} in a query", f"https://host.example/path?a=1&{name}={value}&b=2", value)
    yield Secret("connection string", f"Server=db;User Id=sa;Password={value};Encrypt=true", value)
    yield Secret("storage", f"AccountName=x;AccountKey={value}==;EndpointSuffix=core", value)
    yield Secret("service bus", f"SharedAccessKeyName=root;SharedAccessKey={value}=", value)
    yield Secret("slack webhook", f"https://hooks.slack.com/services/T0{'0' * 7}/B0{'0' * 7}/{value[:24]}", value[:24])
    yield Secret("discord webhook", f"https://discord.com/api/webhooks/{'1' * 18}/{value}", value)
    yield Secret("export", f"export SERVICE_TOKEN={value}", value)
    yield Secret("quoted export", f'DB_PASSWORD="{value}"', value)
    yield Secret("option", f"tool --api-key {value} --verbose", value)
    yield Secret("option with =", f"tool --password={value}", value)
    yield Secret("yaml", f"database:\n  password: {value}\n  port: 5432", value)
    yield Secret("python", f'client = Client(api_key="{value}")', value)
    yield Secret("python dict", f"{{'secret': '{value}'}}", value)
    yield Secret("json in text", json.dumps({"a": {"auth_token": value}}), value)
    yield Secret("json in json in text", json.dumps({"body": json.dumps({"password": value})}), value)
    yield Secret("toml", f"api_key = '{value}'", value)
    yield Secret("ruby", f":password => '{value}'", value)
    yield Secret("go", f'token := "{value}"', value)
    yield Secret("message", f"login failed for bob, password: {value}", value)
    yield Secret("after a line break", f"first line\napi_key={value}", value)


def named() -> Iterator[tuple[str, str]]:
    """Names, each with a value of its own that has no shape."""
    for name in NAMES:
        yield name, f"hush{draw(name, LETTERS, 12)}"


def assigned() -> Iterator[Secret]:
    """Secrets that are told by the name they are given to, as programs and shells write that."""
    for name in NAMES:
        value = draw(f"assigned {name}", LETTERS, 24)
        yield Secret(f"{name} =", f"{name}={value}", value)
        yield Secret(f"{name} in JSON", json.dumps({name: value}), value)


ALL = [*shaped(), *assigned()]
"""Every secret that is told by its shape or by the text around it."""
