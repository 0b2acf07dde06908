"""Environments that hold nothing but what is asked for, and what is run in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from offline import offline

ROOT = Path(__file__).resolve().parents[2]
SUPPORT = Path(__file__).parent


def run(*command: str, cwd: Path = ROOT, **env: str) -> str:
    """Run a command and hand back what it prints; where it fails, that ends everything."""
    print(f"+ {' '.join(command)}", flush=True)
    begun_s = time.monotonic()
    done = subprocess.run(command, cwd=cwd, env=outside() | env, check=False, stdout=subprocess.PIPE, text=True)
    print(f"  ({time.monotonic() - begun_s:.0f} s)", flush=True)
    if done.returncode:
        print(done.stdout)
        sys.exit(done.returncode)
    return done.stdout


def outside() -> dict[str, str]:
    """The environment's variables without those that would let this checkout in."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


def python_of(version: str) -> str:
    """An interpreter of that version, such as 3.12; ours where there is none."""
    try:
        said = subprocess.run([f"python{version}", "-V"], capture_output=True, check=False, text=True, env=outside())
    except OSError:
        return sys.executable
    return f"python{version}" if said.returncode == 0 else sys.executable


def fresh(folder: Path, *packages: str, python: str = sys.executable) -> Path:
    """A new environment with these packages; gives its folder of programs."""
    run(python, "-m", "venv", str(folder))
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    run(str(programs / "python"), "-m", "pip", "install", "-q", *packages)
    return programs


def size_mb(folder: Path) -> float:
    """What a folder takes on disk, in 10**6 bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def visits(
    programs: Path, notebooks: Path, *options: str, env: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Run notebooks in an environment, without a network, and tell what came of each (`strangers.py`)."""
    visitor = [str(programs / "python"), str(SUPPORT / "strangers.py"), str(notebooks), *options]
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    printed = run(*offline(*visitor), cwd=notebooks, **{"PATH": path, **(env or {})})
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
