"""What a model call cost, in USD.

The user's own prices come first, then a plugin's, then the table. What nobody knows costs None, never 0.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final, cast

from agentops.domain.foreign import text
from agentops.domain.genai import Request, Response, Usage
from agentops.domain.pricetable import Model, PriceSet, Tiered, load
from agentops.domain.spans import SpanRecord

Rates = Mapping[str, Any]
"""USD per million tokens by bucket, as numbers or decimal strings: `input` and `output`, and `cache_read`,
`cache_write` and `reasoning` where they differ from these."""

Lookup = Callable[[str, str], Rates | None]
"""A plugin's prices of a provider's model; None where it knows none."""

BUCKETS: Final = ("input", "cache_read", "cache_write", "output", "reasoning")

_PARTS: Final = ("cache_read", "cache_write", "reasoning")
"""The buckets that are part of another."""

_NOTHING: Final = Decimal(0)
_THOUSAND: Final = Decimal(1_000)
_MILLION: Final = Decimal(1_000_000)
_ARITHMETIC: Final = Context(prec=28)
_add, _multiply, _divide = _ARITHMETIC.add, _ARITHMETIC.multiply, _ARITHMETIC.divide
_NO_CONTEXT: Final[Mapping[str, str]] = {}

_ALIASES: Final = {
    "az.ai.inference": "azure",
    "az.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "azure_openai": "azure",
    "fireworks-ai": "fireworks",
    "fireworks_ai": "fireworks",
    "gcp.gen_ai": "google",
    "togetherai": "together",
    "x_ai": "x-ai",
}
"""Values of `gen_ai.provider.name`, `gen_ai.system` and names of client libraries that the table does not know."""


def amount_of(value: Any) -> Decimal | None:
    """A finite amount from a number or a decimal string; None from anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def context_of(request: Request, response: Response) -> dict[str, str]:
    """What the price of a call depends on besides its tokens, in the words of the table."""
    tier = response.service_tier
    known = {
        "service_tier": tier,
        "speed": text(request.parameters, "speed"),
        "processing": "batch" if tier == "batch" else None,
    }
    return {name: value for name, value in known.items() if value}


def rates_of(value: Any) -> PriceSet | None:
    """Prices as a user or a plugin writes them; None where they are no mapping of known buckets to prices from 0 up."""
    if not isinstance(value, Mapping):
        return None
    rates = cast("Mapping[str, Any]", value)
    if not rates or not rates.keys() <= set(BUCKETS):
        return None
    found = {bucket: amount_of(price) for bucket, price in rates.items()}
    prices = {bucket: price for bucket, price in found.items() if price is not None and price >= 0}
    return prices if len(prices) == len(found) else None


def cost_at(prices: PriceSet, usage: Usage) -> Decimal | None:
    """What the tokens cost at these prices; None where tokens that cost are unknown, or known ones have no price.

    A bucket without a price of its own costs as what it is part of: cached tokens as input, reasoning as output.
    """
    total_in, total_out = usage.input_total, usage.output_total
    if total_in is None and total_out is None:
        return None
    for bucket, count in (("input", total_in), ("output", total_out)):
        price = prices.get(bucket)
        if (count and price is None) or (count is None and price):
            return None
    total_in = total_in or 0
    parts = {bucket: getattr(usage, bucket) or 0 for bucket in _PARTS if bucket in prices}
    parts["input"] = total_in - parts.get("cache_read", 0) - parts.get("cache_write", 0)
    parts["output"] = (total_out or 0) - parts.get("reasoning", 0)
    total = _divide(_price(prices, "thousand_requests", 0), _THOUSAND)
    for bucket, count in parts.items():
        if count:
            total = _add(total, _divide(_multiply(_price(prices, bucket, total_in), count), _MILLION))
    return total


class Prices:
    """The prices of this process; `overrides` maps `provider:model` or `model` to rates."""

    def __init__(self, overrides: Mapping[str, Rates] | None = None, lookup: Lookup | None = None) -> None:
        read = {name.lower(): rates_of(rates) for name, rates in (overrides or {}).items()}
        self._overrides = {name: rates for name, rates in read.items() if rates is not None}
        self._lookup = lookup
        self._known = lru_cache(maxsize=4096)(self._find)

    def cost_of(
        self,
        provider: str | None,
        model: str | None,
        usage: Usage | None,
        at: datetime,
        context: Mapping[str, str] = _NO_CONTEXT,
    ) -> Decimal | None:
        """What one call cost, or None where its model, its usage or their price is not known.

        Args:
            provider: the value of `gen_ai.provider.name`, or the name of the client library.
            model: as it stands in the request or, more exactly, in the response.
            usage: the tokens.
            at: when the call was made; naive times are UTC.
            context: what else the price depends on: `service_tier`, `speed`, `processing` (`batch`).
        """
        if usage is None or not model:
            return None
        prices = self._known(provider or "", model)
        if isinstance(prices, tuple):
            found, is_own = prices
            prices = found.prices_at(at, context if is_own else _NO_CONTEXT)
        return None if prices is None else cost_at(prices, usage)

    def cost_of_record(self, record: SpanRecord) -> Decimal | None:
        """What the call of a span cost: what was recorded or the provider said, else by response and request model."""
        request, response = record.request, record.response
        for said in (record.cost, response.cost if response else None):
            cost = amount_of(said)
            if cost is not None:
                return cost
        if request is None or response is None:
            return None
        at = datetime.fromtimestamp(record.start // 1_000_000_000, UTC)
        context = context_of(request, response)
        costs = (
            self.cost_of(request.provider, model, response.usage, at, context)
            for model in dict.fromkeys((response.model, request.model))
        )
        return next((cost for cost in costs if cost is not None), None)

    def _find(self, provider: str, model: str) -> PriceSet | tuple[Model, bool] | None:
        for name in (f"{provider}:{model}".lower(), model.lower()):
            if name in self._overrides:
                return self._overrides[name]
        rates = rates_of(self._lookup(provider, model)) if self._lookup else None
        return rates or _in_table(provider, model)


_in_use = Prices()


def use(prices: Prices) -> None:
    """Price everything with these from now on."""
    global _in_use  # noqa: PLW0603 - one process has one set of prices, which `init` knows only after the first call
    _in_use = prices


def in_use() -> Prices:
    """The prices of this process: the table's, until others are put in use."""
    return _in_use


def _in_table(provider: str, model: str) -> tuple[Model, bool] | None:
    table = load()
    for seller_name, name in _readings(provider, model):
        seller = table.provider(seller_name) if seller_name else table.provider_of_model(name)
        found = table.model(seller, name) if seller else None
        if found is not None:
            return found
    return None


def _readings(provider: str, model: str) -> Iterator[tuple[str, str]]:
    """Whose model of what name a call may mean, the likeliest first.

    A prefix (`openai/gpt-4o`) names the provider where the caller is a router or unknown; elsewhere it may only repeat
    the provider.
    """
    table = load()
    provider = provider.lower().strip()
    provider = _ALIASES.get(provider, provider)
    prefix, _, rest = model.partition("/")
    named = table.provider(prefix) if rest else None
    if provider == "litellm":
        if named:
            yield prefix, rest
        provider = ""
    yield provider, model
    if named and (not provider or named is table.provider(provider)):
        yield prefix, rest


def _price(prices: PriceSet, bucket: str, input_total: int) -> Decimal:
    price = prices.get(bucket, _NOTHING)
    return price.at(input_total) if isinstance(price, Tiered) else price
