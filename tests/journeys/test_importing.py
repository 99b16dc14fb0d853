"""A supplier's whole catalogue from a file into a running hub, by `innohub import`."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from innohub.cli.calling import Machine
from innohub.cli.demo.listing import CATEGORY
from innohub.cli.demo.market import SUPPLIER
from innohub.cli.importing import handing_in
from innohub.cli.importing.handing_in import Report, hand_in
from innohub.cli.importing.reading import Row
from innohub.cli.main import app
from innohub.db.engine import create_engine
from innohub.hub.database import database_of
from innohub.identity.permissions import Scope
from tests.factories import the_force
from tests.identity.a_hub import a_machine
from tests.journeys.conftest import RunningHub


def listing(reference: str, **changes: Any) -> dict[str, Any]:
    return {
        "supplierReference": reference,
        "name": f"Plover case scanner {reference}",
        "summary": "Reads paper case files into the record, page by page.",
        "category": CATEGORY,
        "trl": 7,
        **changes,
    }


def jsonl(path: Path, items: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(item) + "\n" for item in items))
    return path


def imported(hub: RunningHub, file: Path, *options: str) -> tuple[int, str]:
    key = hub.accounts.client(SUPPLIER)
    told = CliRunner().invoke(
        app,
        ["import", "catalogue", str(file), "--hub", hub.address, *options],
        env={"CLIENT_ID": key.client_id, "CLIENT_SECRET": key.client_secret},
    )
    return told.exit_code, told.output


def test_a_catalogue_is_taken_in_and_the_same_again_changes_nothing(
    hub: RunningHub, tmp_path: Path
) -> None:
    items = [listing(f"take-{number}") for number in range(4)]
    code, said = imported(hub, jsonl(tmp_path / "catalogue.jsonl", items))
    assert code == 0, said
    assert "4 created, 0 changed, 0 unchanged, 0 refused." in said

    items[1]["summary"] = "Reads paper case files, and finds what was written by hand."
    code, said = imported(hub, jsonl(tmp_path / "catalogue.jsonl", items))
    assert code == 0, said
    assert "0 created, 1 changed, 3 unchanged, 0 refused." in said


def test_a_table_says_the_same_as_lines_of_json(hub: RunningHub, tmp_path: Path) -> None:
    one = listing("table-1", capabilities=["response", "investigation"])
    one["sections"] = [{"section": "WHAT_IT_DOES", "body": "Finds names, dates and places."}]
    imported(hub, jsonl(tmp_path / "catalogue.jsonl", [one]))
    table = tmp_path / "catalogue.csv"
    table.write_text(
        "supplierReference,name,summary,category,trl,capabilities,section.WHAT_IT_DOES\n"
        f'table-1,{one["name"]},"{one["summary"]}",{one["category"]},7,response|investigation,'
        '"Finds names, dates and places."\n'
    )
    code, said = imported(hub, table)
    assert code == 0, said
    assert "0 created, 0 changed, 1 unchanged, 0 refused." in said


def test_an_item_that_is_refused_is_named_by_its_line_and_the_others_go_in(
    hub: RunningHub, tmp_path: Path
) -> None:
    items = [listing("mixed-1"), listing("mixed-2", trl=12), listing("mixed-3")]
    code, said = imported(hub, jsonl(tmp_path / "catalogue.jsonl", items))
    assert code == 1
    assert "Line 2, mixed-2: trl:" in said
    assert "2 created, 0 changed, 0 unchanged, 1 refused." in said


def test_a_dry_run_stores_nothing(hub: RunningHub, tmp_path: Path) -> None:
    file = jsonl(tmp_path / "catalogue.jsonl", [listing("tried-1")])
    for _ in range(2):
        code, said = imported(hub, file, "--dry-run")
        assert code == 0, said
        assert "1 created, 0 changed, 0 unchanged, 0 refused. Nothing was stored." in said


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("c.jsonl", '{"supplierReference": "a"}\n{"oh', "Line 2 is no JSON"),
        ("c.jsonl", "[1]\n", "Line 1 is no object."),
        ("c.csv", "supplierReference,colour\nx,red\n", "there is no column 'colour'"),
        ("c.csv", "supplierReference,trl\nx,high\n", "Line 2, trl: 'high' is no whole number."),
        ("c.csv", "supplierReference,trl\nx,7,8\n", "Line 2 has more cells"),
        ("c.xlsx", "", "c.xlsx is neither .jsonl nor .csv."),
    ],
)
def test_a_file_with_a_bad_line_is_not_half_taken_in(
    hub: RunningHub, tmp_path: Path, name: str, content: str, told: str
) -> None:
    file = tmp_path / name
    file.write_text(content)
    code, said = imported(hub, file)
    assert code == 1
    assert told in said
    assert "created" not in said


def test_a_file_that_is_not_there_or_no_text_is_named(hub: RunningHub, tmp_path: Path) -> None:
    assert "There is no file" in imported(hub, tmp_path / "nothing.jsonl")[1]
    (tmp_path / "latin.csv").write_bytes("supplierReference,name\nx,Café\n".encode("latin-1"))
    assert "latin.csv is not UTF-8" in imported(hub, tmp_path / "latin.csv")[1]


def test_a_client_that_nobody_knows_is_told_so_and_its_secret_is_not(
    hub: RunningHub, tmp_path: Path
) -> None:
    file = jsonl(tmp_path / "catalogue.jsonl", [listing("denied-1")])
    env = {"CLIENT_ID": "ihc_nobody", "CLIENT_SECRET": "ihs_nothing"}
    told = CliRunner().invoke(
        app, ["import", "catalogue", str(file), "--hub", hub.address], env=env
    )
    assert told.exit_code == 1
    assert "gets no token (invalid_client)" in told.output
    assert "ihs_nothing" not in told.output


def a_force_client(hub: RunningHub) -> dict[str, str]:
    """The environment of a client that records a force's results."""

    async def made() -> dict[str, str]:
        assert hub.settings.database_url is not None
        engine = create_engine(hub.settings.database_url, hub.settings)
        database = database_of(engine)
        try:
            client = await a_machine(database, await the_force(database), Scope.RESULTS_WRITE)
            return {"CLIENT_ID": client.client_id, "CLIENT_SECRET": client.secret}
        finally:
            await engine.dispose()

    return asyncio.run(made())


def test_a_force_tells_of_its_earlier_pilots_from_a_table_as_often_as_it_likes(
    hub: RunningHub, tmp_path: Path
) -> None:
    head = "reference,product,supplierName,title,question,kpi,startOn,endOn,found"
    line = "{},Plover,Plovergate,Plover in custody,Does it help?,{},2024-01-01,2024-06-30,It did."
    table = tmp_path / "pilots.csv"
    table.write_text(
        "\n".join((head, line.format("P-1", "case_file_admin_hours"), line.format("P-2", "joy")))
    )
    env = a_force_client(hub)

    def told(*options: str) -> tuple[int, str]:
        given = ["import", "pilots", str(table), "--hub", hub.address, *options]
        found = CliRunner().invoke(app, given, env=env)
        return found.exit_code, found.output

    code, said = told("--dry-run")
    assert code == 1
    assert "Line 3, P-2: kpi: “joy” is not in the KPI dictionary." in said
    assert "1 created, 0 changed, 0 unchanged, 1 refused. Nothing was stored." in said
    assert "1 created, 0 changed, 0 unchanged, 1 refused." in told()[1]
    table.write_text("\n".join((head, line.format("P-1", "case_file_admin_hours"))))
    assert "0 created, 0 changed, 1 unchanged, 0 refused." in told()[1]


class Interrupted(Exception):
    pass


def test_an_import_that_was_interrupted_goes_on_and_doubles_nothing(
    hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_in, "PART", 2)
    rows = [Row(number, listing(f"halted-{number}")) for number in range(1, 6)]
    taken: list[int] = []

    def stop_in_the_second_part(done: int) -> None:
        taken.append(done)
        if sum(taken) > 2:
            raise Interrupted

    with pytest.raises(Interrupted):
        _handed_in(hub, rows, stop_in_the_second_part)
    report = _handed_in(hub, rows, lambda _: None)

    assert (report.created + report.unchanged, report.refused) == (5, 0)
    assert report.unchanged >= 2, "the first part stands, and is not made twice"
    again = _handed_in(hub, [*rows[:1], Row(6, listing("halted-6"))], lambda _: None)
    assert (again.created, again.unchanged) == (1, 1)


def _handed_in(hub: RunningHub, rows: list[Row], progress: handing_in.Progress) -> Report:
    with Machine(hub.address, hub.accounts.client(SUPPLIER)) as machine:
        return hand_in(machine, rows, submit=False, dry_run=False, progress=progress)
