"""The command line: starts everything, says where, and stays until Ctrl-C."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from rich.console import Console

from innohub.cli.demonstration import fill, show_accounts
from innohub.errors import InnoHubError
from innohub.settings import Settings

from .topology import Cluster, Topology

DATA = Path(__file__).parents[2] / ".data" / "bench" / "cluster"

console = Console(highlight=False)


def main() -> None:
    parser = argparse.ArgumentParser(description="The hub as docker/ runs it, without docker.")
    parser.add_argument("--web", type=int, default=2, help="web processes")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--empty", action="store_true", help="without the demonstration market")
    parser.add_argument("--data", type=Path, default=DATA, help="kept for the next start")
    given = parser.parse_args()

    def demonstration(settings: Settings) -> None:
        fill(settings.model_copy(update={"demonstration": True}), console)

    flags = {"INNOHUB_DEMONSTRATION": "true", "INNOHUB_DEMONSTRATION_MAILBOX": "true"}
    topology = Topology(
        web=given.web, workers=given.workers, environment={} if given.empty else flags
    )
    stop = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    try:
        with Cluster(given.data, topology, None if given.empty else demonstration) as cluster:
            _announce(cluster, given.empty)
            stop.wait()
    except InnoHubError as error:
        sys.exit(error.message)


def _announce(cluster: Cluster, empty: bool) -> None:
    console.print(f"InnoHub runs at [bold]{cluster.address}[/bold]")
    for name, pid in cluster.processes.items():
        console.print(f"  {name:<10} process {pid}")
    for number, child in enumerate(cluster.web):
        console.print(f"  {child.name} by itself: {cluster.web_address(number)}")
    if not empty:
        show_accounts(cluster.settings, console)
    console.print("Ctrl-C stops it; its data stay.")
