"""Sessions, threads and tasks all at once; each line names where it is written."""

import asyncio
import contextvars
import sys
import threading

import agentops

SESSIONS, THREADS, TASKS = 20, 32, 1000

agentops.init(auto_start_session=False)
sessions = [agentops.start_session(tags=[str(number)], name=f"s{number}") for number in range(SESSIONS)]
tried = iter(range(THREADS))


async def task(session, number):
    """Prints half a line, lets others go on, and ends it."""
    with agentops.span(f"task {number}", kind="task") as span:
        print(f"{session.session_id} {span.span_id} {number}", end="")
        await asyncio.sleep(0)
        print(" and on", file=sys.stderr)
        await asyncio.sleep(0)
        print(" done")


async def tasks(session, numbers):
    """All at once."""
    await asyncio.gather(*(task(session, number) for number in numbers))


def work(thread):
    """Writes its lines."""
    session = sessions[thread % SESSIONS]
    session.resume()
    numbers = range(thread, TASKS, THREADS)
    for number in numbers:
        with agentops.span(f"step {number}", kind="task") as span:
            print(f"{session.session_id} {span.span_id} {number} whole")
    asyncio.run(tasks(session, numbers))


threads = [threading.Thread(target=contextvars.Context().run, args=(work, thread)) for thread in range(THREADS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
agentops.end_all_sessions("Success")
