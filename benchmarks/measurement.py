"""One measurement, run by the laboratory in a fresh process: `measurement.py ADAPTER SCENARIO URL OPTIONS`.

The result is the last line of standard output; what the measured library prints goes nowhere.
"""

import importlib
import json
import os
import sys
import time
from typing import Any


def main() -> None:
    """Load the adapter and the scenario, measure, print."""
    adapter_name, scenario_name, url, options = sys.argv[1:]
    output = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    adapter = importlib.import_module(f"a_{adapter_name}").Adapter()
    scenario = importlib.import_module(f"scenarios.{scenario_name}")
    result: dict[str, Any] = scenario.measure(adapter, url, **json.loads(options))
    os.write(output, json.dumps(result | {"ended": time.monotonic()}).encode() + b"\n")


if __name__ == "__main__":
    main()
