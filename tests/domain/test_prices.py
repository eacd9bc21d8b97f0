"""What calls cost: exactly what genai-prices says, the user's prices first, and never a made-up zero."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from typing import Any, cast

import genai_prices
import pytest
from genai_prices import types
from genai_prices.data import providers
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agentops.domain.genai import Request, Response, Usage
from agentops.domain.prices import Prices, cost_at, rates_of
from agentops.domain.pricetable import Tiered, load
from agentops.domain.spans import SpanKind, SpanRecord

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
USAGE = Usage(input=1_000_000, output=1_000_000)
MILLION = 1_000_000


def names_in(clause: Any) -> Iterator[str]:
    """The texts that a matching rule of genai-prices is made of."""
    for operand in clause.__dict__.values():
        if isinstance(operand, list):
            for part in cast("list[Any]", operand):
                yield from names_in(part)
        else:
            yield operand


MODELS = sorted(
    {(provider.id, name) for provider in providers for m in provider.models for name in (m.id, *names_in(m.match))}
)
PRICES = Prices()

counts = st.none() | st.integers(0, 2_000_000)
usages = st.builds(Usage, input=counts, cache_read=counts, cache_write=counts, output=counts, reasoning=counts)
moments = st.datetimes(datetime(2023, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
contexts = st.sampled_from(
    [
        {},
        {"service_tier": "flex"},
        {"service_tier": "priority"},
        {"service_tier": "default"},
        {"processing": "batch"},
        {"speed": "fast"},
        {"service_tier": "priority", "processing": "batch"},
    ]
)


def truth(provider: str | None, model: str, usage: Usage, at: datetime, context: dict[str, str]) -> Decimal | None:
    """What genai-prices says, where it has a price for every kind of token that was used."""
    values = {
        "input_tokens": usage.input_total,
        "cache_read_tokens": usage.cache_read,
        "cache_write_tokens": usage.cache_write,
        "output_tokens": usage.output_total,
        "output_reasoning_tokens": usage.reasoning,
    }
    try:
        found = genai_prices.calc_price(
            types.Usage(**values),
            model,
            provider_id=provider,
            genai_request_timestamp=at,
            price_context=context or None,
        )
    except LookupError:
        return None
    priced = found.model_price
    directions = ((usage.input_total, priced.input_mtok), (usage.output_total, priced.output_mtok))
    known = all(price is not None if count else count == 0 or not price for count, price in directions)
    return found.total_price if known and usage.total is not None else None


@settings(max_examples=1000)
@given(st.sampled_from(MODELS), usages, moments, contexts)
@example(("deepseek", "deepseek-chat"), USAGE, NOON.replace(year=2025, hour=3), {})
@example(("google", "gemini-2.5-pro"), Usage(input=200_001, cache_read=1, output=7), NOON, {})
@example(("google", "gemini-2.5-pro"), Usage(input=199_999, cache_read=1, output=7), NOON, {})
@example(("perplexity", "sonar-pro"), Usage(input=10, output=10), NOON, {})
@example(("perplexity", "sonar-deep-research"), Usage(input=10, output=10, reasoning=30), NOON, {})
def test_a_call_costs_what_genai_prices_says(
    model: tuple[str, str], usage: Usage, at: datetime, context: dict[str, str]
) -> None:
    """Same provider, model, tokens, time and context: the same cost to the last digit."""
    assert PRICES.cost_of(*model, usage, at, context) == truth(*model, usage, at, context)


def test_every_model_of_the_table_costs_the_same() -> None:
    """The whole table agrees, with and without cache and reasoning, above and below every tier, now and long ago."""
    usages = [Usage(input=1_000, output=500), Usage(1_500_000, 20_000, 30_000, 7_000, 11)]
    differing = [
        (model, usage, at)
        for model in MODELS
        for usage in usages
        for at in (NOON, datetime(2024, 6, 1, 3, tzinfo=UTC))
        if PRICES.cost_of(*model, usage, at) != truth(*model, usage, at, {})
    ]
    assert differing == []


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        (None, "gpt-4o"),
        (None, "claude-sonnet-4-20250514"),
        (None, "no-such-model"),
        ("OpenAI", "gpt-4o-2024-08-06"),
        ("openai", "GPT-4o"),
        ("openai", "gpt-5.2-20251211"),
        ("anthropic", "claude-3-5-sonnet-latest"),
        ("azure", "gpt-4o"),
        ("azure", "claude-sonnet-4-5"),
        ("aws.bedrock", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
        ("gcp.vertex_ai", "claude-sonnet-4-5@20250929"),
        ("gcp.gemini", "gemini-2.5-flash"),
        ("litellm", "openai/gpt-4o"),
        ("litellm", "anthropic/claude-3-5-haiku-20241022"),
        ("openrouter", "anthropic/claude-sonnet-4"),
        ("nobody", "gpt-4o"),
        ("groq", "llama-3.3-70b-versatile"),
    ],
)
def test_names_mean_what_they_mean_to_genai_prices(provider: str | None, model: str) -> None:
    """Aliases, dated names, other spellings and resold models find the same price, or none."""
    assert PRICES.cost_of(provider, model, USAGE, NOON) == truth(provider, model, USAGE, NOON, {})


@pytest.mark.parametrize(
    ("provider", "model", "same_as"),
    [
        ("azure.ai.openai", "gpt-4o", ("azure", "gpt-4o")),
        ("az.ai.openai", "gpt-4o", ("azure", "gpt-4o")),
        ("x_ai", "grok-4.5", ("x-ai", "grok-4.5")),
        ("openai", "openai/gpt-4o", ("openai", "gpt-4o")),
        (None, "anthropic/claude-sonnet-4-5", ("anthropic", "claude-sonnet-4-5")),
        (
            "together",
            "meta-llama/Llama-3.3-70B-Instruct-Turbo",
            ("together", "meta-llama/llama-3.3-70b-instruct-turbo"),
        ),
    ],
)
def test_other_names_of_providers_are_understood(provider: str | None, model: str, same_as: tuple[str, str]) -> None:
    """Names from the semantic conventions and prefixes in the model find the provider."""
    cost = PRICES.cost_of(provider, model, USAGE, NOON)
    assert cost == truth(*same_as, USAGE, NOON, {})
    assert cost


@pytest.mark.parametrize(
    ("model", "usage"),
    [
        ("gpt-4o", None),
        ("gpt-4o", Usage()),
        ("gpt-4o", Usage(input=5)),
        ("gpt-4o", Usage(output=5)),
        ("no-such-model", USAGE),
        ("whisper-1", USAGE),
        ("", USAGE),
        (None, USAGE),
    ],
)
def test_what_is_not_known_costs_none(model: str | None, usage: Usage | None) -> None:
    """No usage, half a usage, no model, or a model that is not priced by tokens: None and not 0."""
    assert PRICES.cost_of("openai", model, usage, NOON) is None


def test_an_embedding_needs_no_output() -> None:
    """Where output costs nothing, its absence hides nothing."""
    assert PRICES.cost_of("openai", "text-embedding-3-small", Usage(input=MILLION), NOON) == Decimal("0.02")


def test_a_free_model_and_zero_tokens_cost_zero() -> None:
    """Zero is said where it is known."""
    assert Prices({"local": {"input": 0, "output": 0}}).cost_of("ollama", "local", USAGE, NOON) == 0
    assert PRICES.cost_of("openai", "gpt-4o", Usage(input=0, output=0), NOON) == 0


def test_own_prices_come_first_then_a_plugins_then_the_table() -> None:
    """`provider:model` wins over `model`, both over the plugin, the plugin over the table."""
    asked: list[tuple[str, str]] = []

    def lookup(provider: str, model: str) -> dict[str, Any] | None:
        asked.append((provider, model))
        return {"input": "3", "output": 3} if model.startswith("gpt") else None

    prices = Prices({"openai:GPT-4o": {"input": 1, "output": 1}, "gpt-4o": {"input": 2, "output": "2.0"}}, lookup)
    costs = [
        prices.cost_of(provider, model, USAGE, NOON)
        for provider, model in [("openai", "gpt-4o"), ("azure", "gpt-4o"), ("openai", "gpt-4.1"), ("openai", "o3")]
    ]
    assert costs == [2, 4, 6, truth("openai", "o3", USAGE, NOON, {})]
    prices.cost_of("openai", "gpt-4.1", USAGE, NOON)
    assert asked == [("openai", "gpt-4.1"), ("openai", "o3")]


@pytest.mark.parametrize(
    "rates", [None, {}, [], {"input": "much"}, {"input": -1}, {"input": True}, {"prompt": 1}, {"input": float("nan")}]
)
def test_prices_that_make_no_sense_are_no_prices(rates: object) -> None:
    """Unknown buckets, text, negatives, booleans and NaN are refused whole."""
    assert rates_of(rates) is None


def test_a_bucket_without_a_price_costs_as_what_it_is_part_of() -> None:
    """Cached tokens cost as input and reasoning as output, unless they are priced apart."""
    usage = Usage(input=1, cache_read=2, cache_write=4, output=8, reasoning=16)
    plain = {"input": Decimal(MILLION), "output": Decimal(100 * MILLION)}
    assert cost_at(plain, usage) == 7 + 2400
    assert cost_at({**plain, "cache_read": Decimal(0), "reasoning": Decimal(MILLION)}, usage) == 5 + 800 + 16


def test_a_tier_prices_the_whole_prompt() -> None:
    """Beyond the start of a tier all tokens cost its price, cached ones counted in."""
    prices = {"input": Tiered(Decimal(1), [(10, Decimal(2)), (20, Decimal(3))]), "output": Decimal(0)}
    costs = [cost_at(prices, Usage(input=count - 1, cache_read=1, output=0)) for count in (10, 11, 20, 21)]
    assert costs == [Decimal(10) / MILLION, Decimal(22) / MILLION, Decimal(40) / MILLION, Decimal(63) / MILLION]


def test_the_programs_decimal_context_does_not_matter() -> None:
    """A program that calculates with four digits still gets an exact cost."""
    usage = Usage(input=123_457, output=98_765)
    with localcontext() as context:
        context.prec = 4
        cost = PRICES.cost_of("openai", "gpt-4o", usage, NOON)
    assert cost == PRICES.cost_of("openai", "gpt-4o", usage, NOON)


def test_times_are_read_in_utc() -> None:
    """The same moment in another zone, or without one, costs the same."""
    night = datetime(2025, 3, 1, 18, tzinfo=UTC)
    elsewhere = night.astimezone(timezone(timedelta(hours=9)))
    costs = {
        PRICES.cost_of("deepseek", "deepseek-chat", USAGE, at) for at in (night, elsewhere, night.replace(tzinfo=None))
    }
    assert costs == {truth("deepseek", "deepseek-chat", USAGE, night, {})}


def record(**fields: Any) -> SpanRecord:
    """A finished model call at noon."""
    start = int(NOON.timestamp()) * 1_000_000_000
    return SpanRecord(session_id="s", span_id="1", kind=SpanKind.LLM, start=start, end=start + 1, **fields)


def call(model: str, response: Response) -> dict[str, Any]:
    """The request and response of a chat with openai."""
    return {"request": Request(operation="chat", provider="openai", model=model), "response": response}


def test_a_record_costs_what_was_said_first_and_then_what_the_response_names() -> None:
    """A recorded cost, the provider's own, the response's model, and the request's where that is unknown."""
    known = truth("openai", "gpt-4o", USAGE, NOON, {})
    costs = [
        PRICES.cost_of_record(record(cost="0.5", **call("gpt-4o", Response(usage=USAGE)))),
        PRICES.cost_of_record(record(**call("gpt-4o", Response(usage=USAGE, cost="0.25")))),
        PRICES.cost_of_record(record(**call("my-deployment", Response(usage=USAGE, model="gpt-4o-2024-08-06")))),
        PRICES.cost_of_record(record(**call("gpt-4o", Response(usage=USAGE, model="internal-name")))),
        PRICES.cost_of_record(record(**call("gpt-4o", Response()))),
        PRICES.cost_of_record(record()),
    ]
    assert costs == [Decimal("0.5"), Decimal("0.25"), known, known, None, None]


def test_the_service_tier_of_the_response_sets_the_price() -> None:
    """A call that was served at flex or batch prices costs that."""
    for tier, context in (("flex", {"service_tier": "flex"}), ("batch", {"processing": "batch"})):
        cost = PRICES.cost_of_record(record(**call("gpt-5", Response(usage=USAGE, service_tier=tier))))
        assert cost == truth("openai", "gpt-5", USAGE, NOON, context)


def test_the_table_names_its_source_and_licence() -> None:
    """The data says where it comes from and under which licence, and is as new as the package it is tested against."""
    table = load()
    assert table.source == "https://github.com/pydantic/genai-prices"
    assert table.version == genai_prices.__version__
    assert "The MIT License" in table.licence
