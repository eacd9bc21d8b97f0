"""Fetches the answers of a session for the time travel of agentops 0.3.26, and reads them as its client does."""

import json
import sys
from pathlib import Path

from openai.types.chat import ChatCompletion

from agentops.time_travel import fetch_time_travel_id, find_cache_hit

fetch_time_travel_id(sys.argv[1])
overrides = json.loads(Path("agentops_time_travel.json").read_text())["completion_overrides"]
fetched = {}
for words in ("how many rivers", "in pieces", "hi"):
    found = find_cache_hit([{"role": "user", "content": words}], overrides)
    fetched[words] = ChatCompletion.model_validate_json(found).choices[0].message.content
print(json.dumps({"fetched": fetched}))
