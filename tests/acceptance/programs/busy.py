"""A busy program: threads and tasks that call decorated functions and a model, until it is killed.

Each call has a name of its own, which is written to the file of returns as soon as the call has come back: kind and
name on a line. Arguments: the file of returns; how many rounds each thread does (0: until it is killed).
"""

import asyncio
import itertools
import os
import sys
import threading

import openai

import agentops

MODEL = "gpt-4o-mini"
returns = -1


def came_back(kind: str, name: str) -> None:
    """Say so, past every buffer."""
    os.write(returns, f"{kind} {name}\n".encode())


@agentops.tool
def look_up(name: str) -> dict[str, str]:
    """A tool that finds what it is asked for."""
    return {"found": name * 3}


@agentops.tool
def fail(name: str) -> None:
    """A tool that fails."""
    raise LookupError(name)


@agentops.task
def enumerate_pages(name: str):
    """A generator."""
    yield from range(5)


@agentops.tool
async def fetch(name: str) -> str:
    """An asynchronous tool."""
    await asyncio.sleep(0.001)
    return name


@agentops.agent
def research(name: str, client: openai.OpenAI) -> str:
    """An agent that does a bit of everything."""
    for number in range(3):
        look_up(f"{name}.look_up.{number}")
        came_back("tool", f"{name}.look_up.{number}")
    try:
        fail(f"{name}.fail")
    except LookupError:
        came_back("tool", f"{name}.fail")
    for _ in enumerate_pages(f"{name}.pages"):
        pass
    came_back("task", f"{name}.pages")
    ask(client, f"{name}.ask")
    came_back("llm", f"{name}.ask")
    for _ in client.chat.completions.create(model=MODEL, stream=True, messages=said(f"{name}.stream")):
        pass
    came_back("llm", f"{name}.stream")
    return name


def said(name: str) -> list[dict[str, str]]:
    """What a model is asked."""
    return [{"role": "user", "content": name}]


@agentops.workflow
def ask(client: openai.OpenAI, name: str) -> str | None:
    """A model's answer."""
    return client.chat.completions.create(model=MODEL, messages=said(name)).choices[0].message.content


@agentops.agent
async def study(name: str, client: openai.AsyncOpenAI) -> str:
    """An agent of which several run at once in one thread."""
    await asyncio.gather(*(fetch(f"{name}.fetch.{number}") for number in range(3)))
    for number in range(3):
        came_back("tool", f"{name}.fetch.{number}")
    await client.chat.completions.create(model=MODEL, messages=said(f"{name}.ask"))
    came_back("llm", f"{name}.ask")
    stream = await client.chat.completions.create(model=MODEL, stream=True, messages=said(f"{name}.stream"))
    async for _ in stream:
        pass
    came_back("llm", f"{name}.stream")
    return name


def numbers(rounds: int):
    """So many, or no end of them."""
    return range(rounds) if rounds else itertools.count()


def work(thread: int, rounds: int) -> None:
    """What one thread does."""
    client = openai.OpenAI(max_retries=0, timeout=30)
    for number in numbers(rounds):
        name = f"{os.getpid()}.{thread}.{number}"
        research(name, client)
        came_back("agent", name)


async def work_together(thread: int, rounds: int) -> None:
    """What one event loop does."""
    client = openai.AsyncOpenAI(max_retries=0, timeout=30)

    async def one(task: int) -> None:
        for number in numbers(rounds):
            name = f"{os.getpid()}.{thread}.{task}.{number}"
            await study(name, client)
            came_back("agent", name)

    await asyncio.gather(*(one(task) for task in range(3)))


def run(path: str, rounds: int = 0) -> None:
    """Be busy."""
    global returns  # noqa: PLW0603 - this is a program
    returns = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    agentops.init()
    threads = [threading.Thread(target=work, args=(number, rounds)) for number in range(2)]
    threads.append(threading.Thread(target=asyncio.run, args=(work_together(2, rounds),)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]))
    sys.stdout.write("done\n")
