"""Secrets go, whatever their shape and wherever they stand; what only sounds like one stays."""

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from innocents import TEXTS, VALUES
from made_up_secrets import ALL, NAMES, Secret, named

from agentops.domain.redaction.names import secret_of
from agentops.domain.redaction.redactor import Redactor, own_rules
from agentops.domain.redaction.suspicion import is_suspect
from agentops.domain.redaction.texts import cut_before_word, masked

REDACTOR = Redactor()
WRAPPINGS = {
    "alone": "{}",
    "in a sentence": "we tried {} yesterday",
    "after a line break": "first\n{}",
    "in quotes": '"{}"',
    "in JSON": None,
}


def clean(value: Any) -> Any:
    """A value as it is recorded: looked at closely only where it is suspect."""
    data = msgspec.json.encode(value)
    return REDACTOR.value(msgspec.json.decode(data)) if is_suspect(data) else value


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("secret", ALL, ids=lambda secret: secret.name)
def test_a_secret_of_a_known_shape_goes(secret: Secret, wrapping: str) -> None:
    """Alone, in a sentence, behind a line break, in quotes and in JSON inside text."""
    pattern = WRAPPINGS[wrapping]
    text = json.dumps({"q": secret.text}) if pattern is None else pattern.replace("{}", secret.text)
    places: list[Any] = [text, {"a": [text]}, [[text], {}]]
    for value in places:
        said = json.dumps(clean(value))
        assert secret.core not in said
        assert json.dumps(secret.core)[1:-1] not in said
        assert "[REDACTED:" in said


@pytest.mark.parametrize(("name", "value"), [*named()])
def test_what_stands_under_the_name_of_a_secret_goes(name: str, value: str) -> None:
    """As a key at any depth, with anything that may stand under it, and in text."""
    places: list[Any] = [
        {name: value},
        {"a": [{"b": {name: value}}]},
        {name: [value, value]},
        {name: {"inner": value}},
        {"name": name, "value": value},
        *(f"{name}={value}", f"{name}: {value}", f'{{"{name}": "{value}"}}', f"{{'{name}': '{value}'}}"),
        *(f"run --{name} {value}", f"run --{name}={value}", f"?{name}={value}&x=1", f"x\n{name}={value}\ny"),
        ["run", f"--{name}", value],
        json.dumps({"body": json.dumps({name: value})}),
    ]
    assert [place for place in places if value in json.dumps(clean(place))] == []


def test_headers_as_pairs_are_known() -> None:
    """Lists of header names and values, as HTTP clients hold them."""
    headers = [["authorization", "Bearer a"], ["x-api-key", "b"], ["cookie", "c=d"], ["accept", "*/*"]]
    assert clean(headers) == [
        ["authorization", "[REDACTED:authorization]"],
        ["x-api-key", "[REDACTED:key]"],
        ["cookie", "[REDACTED:cookie]"],
        ["accept", "*/*"],
    ]


def test_what_is_put_in_place_says_of_what_kind_it_was() -> None:
    """So that a trace stays legible."""
    value = {"url": "postgres://app:hunter2@db/main", "password": 1234, "note": f"use sk-{'a1B2' * 5}"}
    assert clean(value) == {
        "url": "postgres://app:[REDACTED:password]@db/main",
        "password": "[REDACTED:password]",
        "note": "use [REDACTED:openai key]",
    }


def test_arguments_are_known_by_the_names_of_their_parameters() -> None:
    """Positional ones have names too."""
    assert REDACTOR.arguments([["bob", "hunter2", "x"], {"n": 1}], ("user", "password")) == [
        ["bob", "[REDACTED:password]", "x"],
        {"n": 1},
    ]


@pytest.mark.parametrize("text", TEXTS)
def test_innocent_text_stays(text: str) -> None:
    """As it is, and inside other things."""
    assert REDACTOR.text(text) == text
    assert REDACTOR.value({"a": [text]}) == {"a": [text]}


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_innocent_values_stay(value: Any) -> None:
    """As they are."""
    assert REDACTOR.value(value) == value


@pytest.mark.parametrize("name", NAMES)
def test_names_of_secrets_are_known(name: str) -> None:
    """However they are written."""
    assert secret_of(name)


LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
MARKS = "\"'\\{}[]:=&?;,@-<"
PIECES = st.sampled_from(
    [
        *(secret.text for secret in ALL[::9]),
        *(f"{name}={value}" for name, value in [*named()][::7]),
        *TEXTS[::11],
        " ",
        "\n",
        *MARKS,
    ]
)
SAID = st.text(max_size=30) | st.lists(PIECES, max_size=6).map("".join)
KEYS = SAID | st.sampled_from(NAMES)
JSON = st.recursive(
    LEAVES | SAID, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@given(value=JSON)
def test_anything_stays_json_and_nothing_raises(value: Any) -> None:
    """Of any value comes a value that can be written and read again."""
    clean_value = REDACTOR.value(value)
    assert msgspec.json.decode(msgspec.json.encode(clean_value)) == clean_value


@given(text=SAID)
def test_clean_text_stays_as_it_is(text: str) -> None:
    """Redacting twice is redacting once."""
    once = REDACTOR.text(text)
    assert REDACTOR.text(once) == once


@given(value=JSON)
def test_what_is_not_suspect_would_not_change(value: Any) -> None:
    """Looking closely finds nothing that passing by has missed, but for what is too short for a key of any issuer."""
    data = msgspec.json.encode(value)
    if not is_suspect(data):
        assert REDACTOR.value(msgspec.json.decode(data)) == msgspec.json.decode(data)


def test_own_rules_come_after_the_default_ones() -> None:
    """A regular expression and a function, on values and on keys."""
    redactor = Redactor(own_rules([re.compile(r"\bACME-\d+"), lambda text: text.replace("bob", "user")]))
    assert redactor.value({"bob": "ACME-123 of bob, password=hunter2"}) == {
        "user": "[REDACTED] of user, password=[REDACTED:password]"
    }


def test_the_default_rules_can_be_off() -> None:
    """Then nothing but own rules applies."""
    assert Redactor(has_defaults=False).value({"password": "hunter2"}) == {"password": "hunter2"}
    assert Redactor(has_defaults=False).is_idle
    assert Redactor([str.upper], has_defaults=False).value({"password": "x"}) == {"PASSWORD": "X"}


@pytest.mark.parametrize("limit", range(20, 61))
def test_a_text_is_not_cut_inside_a_key(limit: int) -> None:
    """Half of a key would not be known as one."""
    key = "sk-" + "a1B2" * 10
    cut = cut_before_word(f"we use the key {key} for that", limit)
    assert key in cut or "sk" not in cut


def test_long_text_without_words_is_cut_where_it_must_be() -> None:
    """A word of more than half a thousand characters is no key that its beginning would not tell."""
    assert len(cut_before_word("x" * 10_000, 5_000)) == 5_000


def test_masks_are_legible() -> None:
    """They are plain text, and valid inside JSON."""
    assert masked("token") == "[REDACTED:token]"
