# ruff: noqa: INP001 - a script, not a package
"""Write `src/agentops/domain/prices.json` from the installed genai-prices package (development only).

Kept is what the price of the five token buckets of `agentops.domain.genai.Usage` depends on: who a provider and a model
are, in which order they match, prices by date, time of day, prompt size and request context. Audio hours, pixels,
searches and the like are left out: our usage does not count them.

Usage: pip install --upgrade genai-prices && python scripts/refresh_prices.py
"""

import json
from datetime import UTC, date, datetime, time
from importlib import metadata
from pathlib import Path
from typing import Any, cast

from genai_prices import types
from genai_prices.data import providers

TARGET = Path(__file__).parents[1] / "src" / "agentops" / "domain" / "prices.json"

PRICES = {
    "input_mtok": "input",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "output_mtok": "output",
    "output_reasoning_mtok": "reasoning",
    "requests_kcount": "thousand_requests",
}


def convert_clause(clause: Any) -> dict[str, Any]:
    """A matching rule as `{operator: operand}`; text is lower-cased, as names are before they are matched."""
    ((name, operand),) = cast("dict[str, Any]", vars(clause)).items()
    if name in ("or_", "and_"):
        return {name.rstrip("_"): [convert_clause(part) for part in operand]}
    return {name: operand if name == "regex" else operand.lower()}


def convert_prices(prices: types.ModelPrice) -> dict[str, Any]:
    """The prices of our buckets as decimal strings, tiered ones as `{base, tiers: [[start, price]]}`."""
    kept: dict[str, Any] = {}
    for key, price in vars(prices).items():
        if key not in PRICES or price is None:
            continue
        if isinstance(price, types.TieredPrices):
            tiers = [[tier.start, str(tier.price)] for tier in price.tiers]
            kept[PRICES[key]] = {"base": str(price.base), "tiers": tiers}
        else:
            kept[PRICES[key]] = str(price)
    return kept


def convert_constraint(constraint: Any) -> dict[str, str]:
    """When a price holds: from a date, or within hours of the day, both UTC."""
    if constraint is None:
        return {}
    if isinstance(constraint, types.StartDateConstraint):
        return {"start_date": constraint.start_date.isoformat()}
    return {"start_time": to_utc(constraint.start_time), "end_time": to_utc(constraint.end_time)}


def to_utc(moment: time) -> str:
    """A time of day in UTC; a naive one is UTC already."""
    if moment.tzinfo is not None:
        moment = datetime.combine(date(1970, 1, 1), moment).astimezone(UTC).timetz()
    return moment.replace(tzinfo=None).isoformat()


def convert_model(model: types.ModelInfo) -> dict[str, Any]:
    """A model: how it is recognised, its prices from oldest to newest, and what request context changes."""
    options = model.prices if isinstance(model.prices, list) else [types.ConditionalPrice(prices=model.prices)]
    kept: dict[str, Any] = {
        "match": convert_clause(model.match),
        "prices": [{"prices": convert_prices(each.prices), **convert_constraint(each.constraint)} for each in options],
    }
    variants = [
        {"when": each.when, "prices": convert_prices(each.prices), **convert_constraint(each.constraint)}
        for each in model.price_variants or ()
    ]
    return {**kept, "variants": variants} if variants else kept


def convert_provider(provider: types.Provider) -> dict[str, Any]:
    """A provider with its models, in the order in which they are tried."""
    kept: dict[str, Any] = {"id": provider.id}
    if provider.provider_match:
        kept["provider_match"] = convert_clause(provider.provider_match)
    if provider.model_match:
        kept["model_match"] = convert_clause(provider.model_match)
    if provider.fallback_model_providers:
        kept["fallbacks"] = provider.fallback_model_providers
    return {**kept, "models": [convert_model(model) for model in provider.models]}


def main() -> None:
    """Write the file."""
    distribution = metadata.distribution("genai-prices")
    (licence,) = [file for file in distribution.files or () if file.name == "LICENSE"]
    data = {
        "source": "https://github.com/pydantic/genai-prices",
        "version": distribution.version,
        "licence": licence.read_text(encoding="utf-8"),
        "providers": [convert_provider(provider) for provider in providers],
    }
    TARGET.write_text(json.dumps(data, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {sum(len(p.models) for p in providers)} models, {TARGET.stat().st_size:,} bytes")  # noqa: T201 - a script


if __name__ == "__main__":
    main()
