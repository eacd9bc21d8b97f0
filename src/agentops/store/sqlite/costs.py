"""Exact sums of money: USD as decimal text, never as floating point."""

from decimal import Context, Decimal, InvalidOperation
from typing import Final

_EXACT: Final = Context(prec=120)
_SMALLEST: Final = -40
_LARGEST: Final = 20
"""Powers of ten; what lies outside is no price."""


def read_cost(text: str | None) -> Decimal | None:
    """The amount a text stands for; None where it is no finite, sensible number."""
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount.adjusted() > _LARGEST:
        return None
    exponent = amount.as_tuple().exponent
    return amount if isinstance(exponent, int) and exponent >= _SMALLEST else None


def write_cost(amount: Decimal | None) -> str | None:
    """An amount as text, without an exponent."""
    return None if amount is None else format(amount, "f")


def add_amounts(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    """The exact sum of what is known."""
    if first is None or second is None:
        return second if first is None else first
    return _EXACT.add(first, second)


def add_cost(first: str | None, second: str | None) -> str | None:
    """`add_amounts` over texts: the SQL function of that name."""
    if first is None or second is None:
        return second if first is None else first
    return format(_EXACT.add(Decimal(first), Decimal(second)), "f")


def negated(amount: Decimal) -> Decimal:
    """The amount that takes a cost away again."""
    return _EXACT.minus(amount)


class CostSum:
    """The exact sum of the known costs of many rows: the SQL aggregate `sum_costs`."""

    def __init__(self) -> None:
        self._sum: str | None = None

    def step(self, cost: str | None) -> None:
        """One more."""
        self._sum = add_cost(self._sum, cost)

    def finalize(self) -> str | None:
        """All of them."""
        return self._sum
