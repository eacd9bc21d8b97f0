"""A research crew: a planner, three researchers, a writer and a reviewer answer one question together.

    python examples/research_crew.py "How far along is tidal energy?"

The models come from OpenAI and Anthropic (OPENAI_API_KEY, ANTHROPIC_API_KEY). KNOWLEDGE_URL is the search that the
researchers use; without it they ask Wikipedia.
"""

import asyncio
import json
import os
import re
import sys
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from anthropic import Anthropic
from openai import AsyncOpenAI, OpenAI

import agentops

KNOWLEDGE_URL = os.environ.get("KNOWLEDGE_URL", "https://en.wikipedia.org/w/rest.php/v1/search/page")

QUESTIONS = {
    "type": "object",
    "properties": {"questions": {"type": "array", "items": {"type": "string"}}},
    "required": ["questions"],
    "additionalProperties": False,
}

SEARCH = {
    "type": "function",
    "function": {
        "name": "search",
        "description": "Find pages about a topic.",
        "parameters": {
            "type": "object",
            "properties": {"query": {"type": "string"}},
            "required": ["query"],
        },
    },
}

COUNT_WORDS = {
    "name": "count_words",
    "description": "How many words a text has.",
    "input_schema": {
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "required": ["text"],
    },
}


@agentops.tool
def search(query: str) -> str:
    """Pages about a topic, one a line."""
    address = f"{KNOWLEDGE_URL}?{urlencode({'q': query, 'limit': 3})}"
    request = Request(address, headers={"User-Agent": "research-crew"})  # noqa: S310 - an address of ours, not a visitor's
    with urlopen(request, timeout=10) as response:  # noqa: S310 - the same
        pages = json.load(response)["pages"]
    return "\n".join(f"{page['title']}: {re.sub('<[^>]+>', '', page['excerpt'])}" for page in pages) or "Nothing found."


@agentops.tool
def count_words(text: str) -> int:
    """How many words a text has."""
    return len(text.split())


@agentops.agent
def planner(question: str) -> list[str]:
    """Split the question into questions that can be looked up."""
    completion = OpenAI().chat.completions.create(
        model="gpt-4o",
        messages=[
            {"role": "system", "content": "You plan research. Split the question into three that can be looked up."},
            {"role": "user", "content": question},
        ],
        response_format={"type": "json_schema", "json_schema": {"name": "plan", "strict": True, "schema": QUESTIONS}},
    )
    return json.loads(completion.choices[0].message.content)["questions"]


@agentops.agent
async def researcher(client: AsyncOpenAI, question: str) -> str:
    """Look things up until the question is answered."""
    messages = [
        {
            "role": "system",
            "content": "You are a researcher. Search, then answer in two sentences from what you found.",
        },
        {"role": "user", "content": question},
    ]
    while True:
        completion = await client.chat.completions.create(model="gpt-4o-mini", messages=messages, tools=[SEARCH])
        message = completion.choices[0].message
        if not message.tool_calls:
            return message.content
        messages.append(message)
        for call in message.tool_calls:
            query = json.loads(call.function.arguments)["query"]
            try:
                found = await asyncio.to_thread(search, query)
            except OSError as error:
                found = f"The search failed ({error}). Try other words."
            messages.append({"role": "tool", "tool_call_id": call.id, "content": found})


@agentops.agent
def writer(client: Anthropic, question: str, notes: list[str]) -> str:
    """Write the briefing, and show it while it is written."""
    with client.messages.stream(
        model="claude-sonnet-4-6",
        max_tokens=1024,
        system="You are a writer. Write a short briefing from the notes, for readers in a hurry.",
        messages=[{"role": "user", "content": f"{question}\n\nNotes:\n\n" + "\n\n".join(notes)}],
    ) as stream:
        for text in stream.text_stream:
            print(text, end="", flush=True)
        print()
        return stream.get_final_text()


@agentops.agent
def reviewer(client: Anthropic, draft: str) -> str:
    """Judge the draft."""
    messages = [{"role": "user", "content": f"Review this draft, which may have 250 words:\n\n{draft}"}]
    while True:
        reply = client.messages.create(
            model="claude-haiku-4-5",
            max_tokens=300,
            system="You are a reviewer. Check the length with your tool, then give a verdict in one sentence.",
            messages=messages,
            tools=[COUNT_WORDS],
        )
        if reply.stop_reason != "tool_use":
            return "".join(block.text for block in reply.content if block.type == "text")
        messages.append({"role": "assistant", "content": reply.content})
        results = [
            {"type": "tool_result", "tool_use_id": block.id, "content": str(count_words(**block.input))}
            for block in reply.content
            if block.type == "tool_use"
        ]
        messages.append({"role": "user", "content": results})


@agentops.task
def headline(draft: str) -> str:
    """Find a headline."""
    events = OpenAI().responses.create(
        model="gpt-4.1-mini",
        instructions="You are a headline writer. Answer with a headline and nothing else.",
        input=draft,
        stream=True,
    )
    return "".join(event.delta for event in events if event.type == "response.output_text.delta")


@agentops.workflow
async def research(question: str) -> None:
    """Answer the question and print the briefing."""
    questions = planner(question)
    for number, part in enumerate(questions, 1):
        print(f"{number}. {part}")
    print()
    async with AsyncOpenAI() as client:
        notes = await asyncio.gather(*(researcher(client, part) for part in questions))
    with Anthropic() as client:
        draft = writer(client, question, notes)
        verdict = reviewer(client, draft)
    print(f"\nHeadline: {headline(draft)}\nReview:   {verdict}")


if __name__ == "__main__":
    asyncio.run(research(" ".join(sys.argv[1:]) or "How far along is tidal energy?"))
