"""The table of known prices: which model a name means, and what it costs at a moment.

Names match as genai-prices matches them (https://github.com/pydantic/genai-prices), whose data `prices.json` is.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct, field

Clause = dict[str, Any]
"""A matching rule: `{operator: operand}`."""


class Tiered(Struct, frozen=True):
    """A price that depends on the size of the whole prompt: the last tier whose start is exceeded, for all tokens."""

    base: Decimal
    tiers: list[tuple[int, Decimal]]

    def at(self, input_total: int) -> Decimal:
        """USD per million tokens for a prompt of so many tokens."""
        price = self.base
        for start, tier in self.tiers:
            if input_total > start:
                price = tier
        return price


PriceSet = Mapping[str, Decimal | Tiered]
"""USD per million tokens by bucket, and `thousand_requests` where a request itself costs."""


class Option(Struct, frozen=True):
    """Prices that hold from a date on, or within hours of the day (UTC); always where neither is given."""

    prices: dict[str, Decimal | Tiered]
    start_date: date | None = None
    start_time: time | None = None
    end_time: time | None = None

    def is_active(self, moment: datetime) -> bool:
        """Whether these prices hold at a moment (UTC)."""
        if self.start_date is not None:
            return moment.date() >= self.start_date
        if self.start_time is None or self.end_time is None:
            return True
        hour = moment.time()
        if self.end_time < self.start_time:
            return hour >= self.start_time or hour < self.end_time
        return self.start_time <= hour < self.end_time


class Variant(Option, frozen=True, kw_only=True):
    """Prices for requests of a certain kind, such as a service tier."""

    when: dict[str, str]


class Model(Struct, frozen=True):
    """A model of a provider; later prices come before earlier ones, the first holds where none is active."""

    match: Clause
    prices: list[Option]
    variants: list[Variant] = field(default_factory=list[Variant])

    def prices_at(self, moment: datetime, context: Mapping[str, str]) -> PriceSet:
        """The prices at a moment for a request of this kind."""
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        active = next((option for option in reversed(self.prices) if option.is_active(moment)), self.prices[0])
        overrides: dict[str, Decimal | Tiered] = {}
        for variant in self.variants if context else ():
            if variant.is_active(moment) and variant.when.items() <= context.items():
                overrides = variant.prices | overrides
        return active.prices | overrides


class Provider(Struct, frozen=True):
    """Who sells models; `models` stays JSON until one of them is asked for."""

    id: str
    models: msgspec.Raw
    provider_match: Clause | None = None
    model_match: Clause | None = None
    fallbacks: list[str] = field(default_factory=list[str])


class PriceTable(Struct, frozen=True):
    """All providers, in the order in which they are tried."""

    source: str
    version: str
    licence: str
    providers: list[Provider]

    def provider(self, name: str) -> Provider | None:
        """The provider of this id, else the first whose rule the name matches."""
        name = name.lower().strip()
        found = next((provider for provider in self.providers if provider.id == name), None)
        return found or next((each for each in self.providers if _matches(each.provider_match, name)), None)

    def provider_of_model(self, model: str) -> Provider | None:
        """The provider that a model's name alone points to."""
        return next((each for each in self.providers if _matches(each.model_match, model.lower())), None)

    def model(self, provider: Provider, name: str) -> tuple[Model, bool] | None:
        """The model that a name means at a provider, and whether it is the provider's own or another's resold there."""
        name = name.lower()
        for spelling in dict.fromkeys((name, _COMPACT_DATE.sub(_with_dashes, name))):
            for seller in (provider, *self._resold(provider)):
                found = next((model for model in _models(seller.id) if _matches(model.match, spelling)), None)
                if found is not None:
                    return found, seller is provider
        return None

    def _resold(self, provider: Provider) -> list[Provider]:
        by_id = {each.id: each for each in self.providers}
        return [by_id[name] for name in provider.fallbacks if name in by_id]


@cache
def load() -> PriceTable:
    """The table that comes with this package; read once."""
    return msgspec.json.decode(Path(__file__).with_name("prices.json").read_bytes(), type=PriceTable)


_decode_models: Final = msgspec.json.Decoder(list[Model]).decode


@cache
def _models(provider_id: str) -> list[Model]:
    (data,) = [provider.models for provider in load().providers if provider.id == provider_id]
    return _decode_models(data)


_OPERATORS: Final[dict[str, Callable[[Any, str], bool]]] = {
    "equals": lambda operand, name: name == operand,
    "starts_with": lambda operand, name: name.startswith(operand),
    "ends_with": lambda operand, name: name.endswith(operand),
    "contains": lambda operand, name: operand in name,
    "regex": lambda operand, name: re.search(operand, name) is not None,
    "or": lambda operand, name: any(_matches(part, name) for part in operand),
    "and": lambda operand, name: all(_matches(part, name) for part in operand),
}


def _matches(clause: Clause | None, name: str) -> bool:
    return clause is not None and any(_OPERATORS[operator](operand, name) for operator, operand in clause.items())


_COMPACT_DATE: Final = re.compile(r"-(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)")
"""A date without dashes in a model's name, as routers write it (`gpt-5.2-20251211`)."""


def _with_dashes(found: re.Match[str]) -> str:
    try:
        return f"-{date(int(found[1]), int(found[2]), int(found[3])).isoformat()}"
    except ValueError:
        return found[0]
