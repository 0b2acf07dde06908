"""The options of a benchmark on its command line."""

from __future__ import annotations

import argparse
from typing import Any


def read_options(description: str | None, **defaults: Any) -> argparse.Namespace:
    """Read the options whose defaults are given; one that is False by default is a switch."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in defaults.items():
        if default is False:
            parser.add_argument(f"--{name}", action="store_true")
        else:
            parser.add_argument(f"--{name}", type=type(default), default=default, help=f"{default} by default")
    return parser.parse_args()
