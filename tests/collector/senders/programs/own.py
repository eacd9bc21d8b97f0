"""Records with agentops, which sends to a collector in as many ways as its settings say."""

from openai import OpenAI

import agentops

agentops.init(auto_start_session=False)


@agentops.tool
def look_up(word: str) -> str:
    """A tool."""
    return f"about {word}"


with agentops.session("own", tags=["river"]) as session:
    OpenAI().chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Which river?"}])
    print(look_up("river"))
print(session.session_id)
while not agentops.flush(10):
    pass
