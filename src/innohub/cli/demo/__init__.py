"""`innohub demo`: the main job against a running hub, over HTTP and nothing else.

It may be run again and again on one hub: each run publishes a technology of its own.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from innohub.cli.demo import evidence, piloting, publishing, shortlisting, syncing
from innohub.cli.demo.accounts import Accounts
from innohub.cli.demo.market import Market, Row
from innohub.errors import InnoHubError
from innohub.settings import Settings

Act = Callable[[Market], list[Row]]
STEPS: tuple[tuple[str, Act], ...] = (
    ("The supplier connects its own system", publishing.connect),
    ("The supplier's API client gets a token", publishing.authorise),
    ("The supplier publishes a technology", publishing.publish),
    ("A catalogue reviewer approves it", publishing.review),
    ("The supplier replays a refused delivery", publishing.replay),
    ("An assurance officer verifies its assurance", publishing.verify),
    ("The supplier quotes a price", publishing.quote),
    ("A force searches for it", piloting.search),
    ("The force requests pilots", piloting.request),
    ("The supplier accepts them", piloting.accept),
    ("The force approves and signs", piloting.approve),
    ("The protocols are locked", piloting.lock),
    ("The pilots start", piloting.start),
    ("Trial results are recorded", evidence.record),
    ("The effects are computed and confirmed", evidence.report),
    ("The results are published", evidence.decide),
    ("The force rates it", evidence.rate),
    ("Another force finds it by its rating", evidence.search_again),
    ("The board opens a round", shortlisting.open_round),
    ("The members declare their interests", shortlisting.declare),
    ("The members score", shortlisting.score),
    ("The shortlist is published", shortlisting.publish),
    ("Everything has arrived at the supplier's", syncing.compare),
)

__all__ = ["STEPS", "Outcome", "play", "run"]


@dataclass
class Outcome:
    """What happened, line by line; `failure` is None where every step was done."""

    rows: list[Row] = field(default_factory=list)
    failure: InnoHubError | None = None
    done: int = 0
    """Steps."""
    seconds: float = 0.0


def run(base_url: str, settings: Settings) -> None:
    """Go through every step and print what happened. Raises InnoHubError where a step fails."""
    console = Console(highlight=False)
    accounts = Accounts.read(settings.data_dir)
    columns = (SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Starting", total=len(STEPS))

        def tell(done: int, title: str) -> None:
            progress.update(task, completed=done, description=title)

        with played(base_url, accounts, tell) as (_, outcome):
            pass
    console.print(_table(base_url, outcome))
    if outcome.failure is not None:
        raise outcome.failure
    console.print(f"Every step done in {outcome.seconds:.0f} seconds.")


def play(base_url: str, accounts: Accounts) -> Outcome:
    """Every step until the first that fails; without a word."""
    with played(base_url, accounts) as (_, outcome):
        return outcome


@contextmanager
def played(
    base_url: str, accounts: Accounts, tell: Callable[[int, str], None] = lambda done, title: None
) -> Iterator[tuple[Market, Outcome]]:
    """The market after every step, its people still signed in and its receiving system running.

    `tell` hears how many steps are done, and the title of the next.
    """
    outcome, began = Outcome(), time.monotonic()
    with ExitStack() as stack:
        market = Market(base_url.rstrip("/"), accounts, stack)
        for title, act in STEPS:
            tell(outcome.done, title)
            try:
                outcome.rows += act(market)
            except InnoHubError as error:
                outcome.failure = error
                outcome.rows.append(Row("Failed", title, error.message, ok=False))
                break
            outcome.done += 1
        outcome.seconds = time.monotonic() - began
        yield market, outcome


def _table(base_url: str, outcome: Outcome) -> Table:
    table = Table(title=f"InnoHub at {base_url}", title_justify="left")
    table.add_column("Step", no_wrap=True)
    table.add_column("What happened", overflow="fold")
    table.add_column("Proof", overflow="fold")
    before = None
    for row in outcome.rows:
        name = "" if row.step == before else row.step
        style = None if row.ok else "red"
        table.add_row(escape(name), escape(row.happened), escape(row.proof), style=style)
        before = row.step
    return table
