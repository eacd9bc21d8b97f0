"""What AgentStack's templates call: `init` with tags, and once more with the key for the session to end."""

import os

import agentops
from agentops.session import EndState

agentops.init(default_tags=["agentstack", "crewai"])
session = agentops.init(api_key=os.getenv("AGENTOPS_API_KEY"))


@agentops.record_action("scrape")
def scrape(url):
    return f"content of {url}"


@agentops.tool
def count(text):
    return len(text)


count(scrape("http://example.invalid"))
session.end_session(EndState.SUCCESS)
