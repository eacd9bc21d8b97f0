"""What of a request was not taken."""

from msgspec import Struct, field


class Refusals(Struct):
    """How many spans, lines or points were refused, by reason; everything else of the request was taken."""

    reasons: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def count(self) -> int:
        """How many in all."""
        return sum(self.reasons.values())

    @property
    def message(self) -> str:
        """Why, in one line; empty where nothing was refused."""
        return "; ".join(f"{count} with {reason}" for reason, count in self.reasons.items())

    def add(self, reason: str) -> None:
        """Count one more."""
        self.reasons[reason] = self.reasons.get(reason, 0) + 1
