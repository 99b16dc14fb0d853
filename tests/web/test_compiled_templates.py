"""What templates compile to is kept for the next process; a page does not hang on that."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from innohub.web import rendering


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[rendering.Templates]:
    """As a new process has it."""
    rendering.templates.cache_clear()
    yield rendering.templates()
    rendering.templates.cache_clear()


def test_it_is_kept_where_nobody_else_may_write(
    environment: rendering.Templates, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "templates"
    rendering.keep_compiled(folder)
    environment.get_template("pages/home/page.html")
    assert any(folder.iterdir())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_next_process_compiles_nothing(
    environment: rendering.Templates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendering.keep_compiled(tmp_path)
    environment.get_template("pages/home/page.html")
    rendering.templates.cache_clear()
    rendering.keep_compiled(tmp_path)

    def never(*_: object, **__: object) -> str:
        raise AssertionError("compiled again")

    monkeypatch.setattr(rendering.Templates, "compile", never)
    assert rendering.templates().get_template("pages/home/page.html").blocks


@pytest.mark.parametrize("missing", [True, False])
def test_a_folder_that_cannot_be_had_costs_no_page(
    environment: rendering.Templates, tmp_path: Path, missing: bool
) -> None:
    """A file stands in its place, or it is gone again once it was made."""
    folder = tmp_path / "templates"
    if missing:
        folder.write_text("no folder")
        rendering.keep_compiled(folder)
    else:
        rendering.keep_compiled(folder)
        folder.rmdir()
    assert environment.get_template("pages/home/page.html").blocks
