"""Scripts for the programs in `examples/`: what their models say and what their lookups find."""

from collections.abc import Callable

from agentops.domain.genai import ToolCall, Usage
from agentops.testing.provider.request import ReceivedRequest
from agentops.testing.provider.turn import Page, Script, Turn

_PLAN = """{"questions": [
  "Which tidal power plants run today, and how large are they?",
  "What does tidal electricity cost, and is it falling?",
  "What do tidal turbines do to the sea around them?"
]}"""

_BRIEFING = """\
Tidal power has left the laboratory, but it has not yet left the harbour.

Two barrages, La Rance in France (240 MW, since 1966) and Sihwa Lake in Korea (254 MW, since 2011), still make up most \
of the world's capacity. What is new are turbines that stand free in the current: the MeyGen array in the Pentland \
Firth has fed four of them into the Scottish grid since 2018.

The price is the obstacle. British auctions bought tidal stream power at 178 pounds per MWh in 2022 and at 172 in 2024 \
(both in 2012 prices), several times the price of offshore wind, though a tide, unlike the wind, can be forecast for a \
century.

At sea, years of monitoring in Scotland saw seals and porpoises keep their distance from running turbines. Nobody has \
yet watched what a hundred of them would do.

Verdict: proven, predictable, and waiting for scale."""


def _asked(role: str, about: str = "", *, results: int = 0) -> Callable[[ReceivedRequest], bool]:
    """Requests to a role that speak of something, after so many tool results."""

    def wants(request: ReceivedRequest) -> bool:
        return role in request.system and len(request.tool_results) == results and about.encode() in request.raw

    return wants


def _search(about: str, query: str, usage: Usage, *, results: int = 0, latency: float = 0.3) -> Turn:
    return Turn(
        tool_calls=[ToolCall(name="search", arguments={"query": query})],
        when=_asked("You are a researcher", about, results=results),
        usage=usage,
        latency=latency,
        times=None,
    )


def _found(about: str, text: str, usage: Usage, *, results: int = 1, latency: float = 0.4) -> Turn:
    return Turn(
        text, when=_asked("You are a researcher", about, results=results), usage=usage, latency=latency, times=None
    )


RESEARCH_CREW = Script(
    turns=[
        Turn(_PLAN, when=_asked("You plan research"), usage=Usage(input=214, output=61), latency=0.5, times=None),
        _search("plants run today", "tidal power plants", Usage(input=131, output=17)),
        _found(
            "plants run today",
            "Two barrages, La Rance (240 MW, 1966) and Sihwa Lake (254 MW, 2011), still make up most of the world's "
            "tidal capacity. Of the turbines in open water, the MeyGen array in Scotland is the largest, with 6 MW.",
            Usage(input=248, output=58),
        ),
        _search("electricity cost", "tidal power cost", Usage(input=129, output=16), latency=0.4),
        _found(
            "electricity cost",
            "British auctions bought tidal stream power at 178 pounds per MWh in 2022 and at 172 in 2024, in 2012 "
            "prices. That is several times the price of offshore wind, and it falls slowly.",
            Usage(input=221, output=49),
            latency=0.6,
        ),
        _search("sea around them", "seabed surveys of tidal turbines", Usage(input=130, output=19), latency=0.2),
        _search("sea around them", "tidal turbines marine life", Usage(input=196, output=18), results=1),
        _found(
            "sea around them",
            "Years of monitoring in Scotland saw seals and porpoises keep their distance from running turbines. "
            "What large arrays would do is not known: the seabed surveys could not be reached.",
            Usage(input=301, output=44),
            results=2,
        ),
        Turn(
            _BRIEFING,
            when=_asked("You are a writer"),
            usage=Usage(input=268, cache_read=1024, output=243),
            latency=0.3,
            delay=0.008,
            times=None,
        ),
        Turn(
            reasoning="The limit is 250 words. I should count before I judge.",
            tool_calls=[ToolCall(name="count_words", arguments={"text": _BRIEFING})],
            when=_asked("You are a reviewer"),
            usage=Usage(input=602, output=260, reasoning=14),
            latency=0.4,
            times=None,
        ),
        Turn(
            "Within the limit, every figure has its year, and the one gap in the evidence is named: publish.",
            when=_asked("You are a reviewer", results=1),
            usage=Usage(input=901, output=24),
            latency=0.3,
            times=None,
        ),
        Turn(
            "Tidal power works. Now it has to get cheap.",
            when=_asked("You are a headline writer"),
            usage=Usage(input=271, output=11),
            latency=0.2,
            delay=0.02,
            times=None,
        ),
    ],
    knowledge={
        "tidal power plants": Page(
            "Tidal power",
            "La Rance (France, 240 MW, 1966) and Sihwa Lake (South Korea, 254 MW, 2011) are the largest "
            "tidal barrages. MeyGen in the Pentland Firth (Scotland, 6 MW, 2018) is the largest array of turbines.",
        ),
        "tidal power cost": Page(
            "Contracts for Difference",
            "Strike prices of tidal stream projects: 178.54 pounds per MWh in the fourth round (2022), 198.00 in "
            "the fifth (2023), 172.00 in the sixth (2024), all in 2012 prices.",
        ),
        "seabed": Page("Service Unavailable", "The index of survey reports is being rebuilt.", status=503),
        "marine life": Page(
            "Tidal stream generator",
            "Monitoring of turbines in Scottish waters found that seals and harbour porpoises avoid them while they "
            "run; no effect on populations has been shown. Large arrays have not been studied.",
        ),
    },
)
"""`examples/research_crew.py`: four kinds of agents, two tools, one search that fails."""

PLAIN_SCRIPT = Script(
    turns=[
        Turn(
            "A tide is forecast for a century ahead, a gust of wind for a few days.",
            when=_asked("one sentence"),
            usage=Usage(input=31, output=19),
            latency=0.2,
            times=None,
        ),
        Turn(
            "Twice a day the sea comes in,\nturns a wheel, and leaves again.\nThe lamp stays on.",
            when=_asked("poet"),
            usage=Usage(input=58, output=22),
            latency=0.2,
            delay=0.02,
            times=None,
        ),
    ],
    knowledge=RESEARCH_CREW.knowledge,
)
"""`examples/plain_script.py`: two models and two lookups, one of which fails."""

SCRIPTS = {"research_crew": RESEARCH_CREW, "plain_script": PLAIN_SCRIPT, "echo": Script()}
"""Every script by name; `echo` gives the requests back."""
