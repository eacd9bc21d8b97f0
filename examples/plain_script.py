"""A script that knows nothing of agentops: record it with `agentops run examples/plain_script.py`.

It asks OpenAI for a sentence, looks two things up over HTTP, one of which fails, and has Anthropic write a poem.
"""

import os

import requests
from anthropic import Anthropic
from openai import OpenAI

KNOWLEDGE_URL = os.environ.get("KNOWLEDGE_URL", "https://en.wikipedia.org/w/rest.php/v1/search/page")


def look_up(query: str) -> str:
    """The first page about a topic."""
    response = requests.get(KNOWLEDGE_URL, params={"q": query}, headers={"User-Agent": "plain-script"}, timeout=10)
    response.raise_for_status()
    return response.json()["pages"][0]["title"]


def main() -> None:
    """Print a sentence, what was found, and a poem."""
    with OpenAI() as openai:
        completion = openai.chat.completions.create(
            model="gpt-4o-mini",
            messages=[
                {"role": "system", "content": "Answer in one sentence."},
                {"role": "user", "content": "How well can the tides be forecast?"},
            ],
        )
    print(completion.choices[0].message.content)

    for query in ("tidal power plants", "seabed surveys"):
        try:
            print(f"Found: {look_up(query)}")
        except requests.HTTPError as error:
            print(f"Not found: {error.response.status_code} {error.response.reason}")

    with (
        Anthropic() as anthropic,
        anthropic.messages.stream(
            model="claude-haiku-4-5",
            max_tokens=200,
            system="You are a poet. Three lines.",
            messages=[{"role": "user", "content": completion.choices[0].message.content}],
        ) as stream,
    ):
        for text in stream.text_stream:
            print(text, end="", flush=True)
    print()


if __name__ == "__main__":
    main()
