"""`python -m benchmarks NAME [--json]`: the last line of stdout is one JSON object."""

from __future__ import annotations

import argparse
import importlib
import json
from pathlib import Path


def main() -> None:
    names = sorted(p.stem for p in Path(__file__).parent.glob("[a-z]*.py"))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=names)
    parser.add_argument(
        "--json", action="store_true", help="one JSON object on the last line and nothing else"
    )
    arguments, rest = parser.parse_known_args()
    module = importlib.import_module(f"benchmarks.{arguments.name}")
    own = argparse.ArgumentParser(prog=f"python -m benchmarks {arguments.name}", description=module.__doc__)
    if hasattr(module, "add_arguments"):
        module.add_arguments(own)
    result = module.run(json=arguments.json, **vars(own.parse_args(rest)))
    print(json.dumps({"benchmark": arguments.name, **result}, allow_nan=False))


if __name__ == "__main__":
    main()
