"""Every threat of the model names a test that is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
ROW = re.compile(r"^\| [STRIDE] \| .+ \| .+ \| (.+) \|$")


def test_each_threat_names_a_test_that_is_there() -> None:
    model = (ROOT / "docs/threat-model.md").read_text()
    rows = [line for line in model.splitlines() if re.match(r"\| [STRIDE] \|", line)]
    assert len(rows) > 40
    for row in rows:
        found = ROW.match(row)
        assert found is not None, row
        named = NAMED.findall(found[1])
        assert named, f"no test is named: {row}"
        for path, test in named:
            source = (ROOT / path).read_text()
            assert re.search(rf"^(async )?def {test}\(", source, re.M), f"{path}::{test}"


def test_each_promise_of_an_edge_names_a_test_that_is_there() -> None:
    model = (ROOT / "docs/threat-model.md").read_text()
    section = model.partition("## The edges, line by line\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 40
    for row in rows:
        named = NAMED.findall(row)
        assert named, row
        for path, test in named:
            source = (ROOT / path).read_text()
            assert re.search(rf"^(async )?def {test}\(", source, re.M), f"{path}::{test}"


def test_every_boundary_has_a_threat_of_several_kinds() -> None:
    model = (ROOT / "docs/threat-model.md").read_text()
    boundaries = [one for one in model.split("\n## ") if one[0].isdigit()]
    assert len(boundaries) == 6
    for boundary in boundaries:
        kinds = set(re.findall(r"^\| ([STRIDE]) \|", boundary, re.M))
        assert len(kinds) >= 3, boundary.splitlines()[0]
