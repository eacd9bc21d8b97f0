"""The collector: whether recordings reach it, and what it refused."""

from collections import Counter
from collections.abc import Iterator

from agentops.cli import formats
from agentops.cli.checks.finding import Finding, broken, fine, note, warning
from agentops.config import Config
from agentops.delivery import standing
from agentops.delivery.collector import COLLECTOR
from agentops.delivery.deadletters import DeadLetters
from agentops.delivery.destination import DeliveryError
from agentops.delivery.transport import probe, shown

_REASONS = 3


def check_collector(config: Config) -> Iterator[Finding]:
    """Findings about the collector that is set, and about what any refused; nothing is sent to find out."""
    if config.endpoint is not None:
        yield from _check_reach(config, config.endpoint)
    yield from _check_letters(DeadLetters(config.directory, COLLECTOR))


def _check_reach(config: Config, endpoint: str) -> Iterator[Finding]:
    name = shown(endpoint)
    known = standing.read(config.directory)
    if known is not None and known.endpoint == name and known.trouble != "away":
        since = formats.timestamp(known.since)
        said = formats.one_line(known.message)
        if known.trouble == "key":
            yield broken(
                f"{name} has not accepted the API key since {since}: {said}",
                "Set api_key (AGENTOPS_API_KEY); what was recorded waits.",
            )
        else:
            yield broken(
                f"{name} has refused every session since {since}: {said}",
                "See whether endpoint (AGENTOPS_API_ENDPOINT) and api_key (AGENTOPS_API_KEY) belong together.",
            )
        return
    try:
        probe(endpoint)
    except DeliveryError as error:
        since = "" if known is None else f", since {formats.timestamp(known.since)}"
        yield warning(
            f"the collector is away: {error}{since}", "Start it, or correct endpoint (AGENTOPS_API_ENDPOINT)."
        )
        return
    if known is not None and known.endpoint == name:
        yield note(
            f"{name} could not be told of everything since {formats.timestamp(known.since)}:"
            f" {formats.one_line(known.message)}",
            "What is missing waits in the journals; the next program brings it.",
        )
    else:
        yield fine(f"recordings go to {name}")


def _check_letters(letters: DeadLetters) -> Iterator[Finding]:
    found = list(letters)
    drops = letters.drops()
    if found:
        reasons = Counter(letter.reason for letter in found).most_common(_REASONS)
        said = "; ".join(f"{formats.one_line(reason, 80)} ({number})" for reason, number in reasons)
        yield warning(
            f"the collector refused {formats.plural(len(found), 'record')}: {said}",
            f"Mend the cause and run `agentops resend`, or give them up with `agentops resend --discard`;"
            f" they are in {letters.folder}.",
        )
    if drops.count:
        yield warning(
            f"{formats.plural(drops.count, 'refused record')} more could not be kept,"
            f" last on {formats.timestamp(drops.time)}",
            "Make room with `agentops resend`, or `agentops resend --discard`.",
        )
