"""The prices that a program started here and now would have."""

from functools import cache
from typing import TYPE_CHECKING

from agentops.cli import settings
from agentops.domain import prices

if TYPE_CHECKING:
    from agentops.plugins.manager import Plugins


@cache
def put_in_use() -> None:
    """From now on calls are priced by the settings, then by the plugins, then by the table."""
    prices.use(prices.Prices(settings.load().prices, _price_of_plugins))


def _price_of_plugins(provider: str, model: str) -> prices.Rates | None:
    return _plugins().price(provider, model)


@cache
def _plugins() -> "Plugins":
    from agentops.cli.extensions import loaded_plugins  # noqa: PLC0415 - only calls that have no price yet need them

    return loaded_plugins()
