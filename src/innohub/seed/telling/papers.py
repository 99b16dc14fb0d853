"""Documents and pictures: of listings, of pilots, and as evidence of assurance items."""

from collections.abc import Iterator
from functools import partial

from innohub.identity.models import Role
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.attachments import UploadDocument
from innohub.market.documents.commands import Marking
from innohub.market.documents.files import File, examine
from innohub.market.documents.scanning import scan_due
from innohub.market.pilots.together import service as together
from innohub.market.pilots.together.commands import UploadPilotDocument
from innohub.seed.papers import StoryPaper
from innohub.seed.telling.drawing import drawn, set_in_type
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.timetable import AFTERNOON, EVENING, Step
from innohub.seed.telling.together import somebody

OFFICIAL = Marking.OFFICIAL


def paper_steps(stage: Stage) -> Iterator[Step]:
    """Each is added on its day; on the last, the hub, which has no scanner, says so of all."""
    for paper in stage.story.papers:
        if paper.day is not None:
            add = _add_to_pilot if paper.pilot else _add_to_listing
            what = f"“{paper.title}” is added"
            yield Step(paper.day + AFTERNOON, what, partial(add, stage, paper))
    yield Step(-1 + EVENING, "The hub looks at the files", partial(scan_due, stage.database, None))


def evidence_of(stage: Stage, technology: str, reference: str) -> File | None:
    """The document that comes with the declaration of an item, where there is one."""
    found = (
        paper
        for paper in stage.story.papers
        if (paper.technology, paper.item) == (technology, reference)
    )
    return next(map(_file_of, found), None)


async def _add_to_listing(stage: Stage, paper: StoryPaper) -> None:
    supplier = stage.story.technology[paper.technology].supplier
    editor = stage.holder(supplier, Role.SUPPLIER_EDITOR, Role.SUPPLIER_ADMIN)
    command = UploadDocument(
        technology_id=stage.technologies[paper.technology],
        title=paper.title,
        alternative_text=paper.shows,
        marking=OFFICIAL,
    )
    await stage.do(editor, partial(catalogue.upload, file=_file_of(paper)), command)


async def _add_to_pilot(stage: Stage, paper: StoryPaper) -> None:
    assert paper.pilot is not None
    assert paper.by is not None
    command = UploadPilotDocument(
        pilot_id=stage.pilots[paper.pilot],
        title=paper.title,
        alternative_text=paper.shows,
        marking=OFFICIAL,
    )
    add = partial(together.upload, file=_file_of(paper))
    await stage.do(somebody(stage, paper.pilot, paper.by), add, command)


def _file_of(paper: StoryPaper) -> File:
    if paper.boxes:
        return examine(drawn(paper.boxes), f"{paper.title}.png")
    return examine(set_in_type(paper.title, paper.paragraphs), f"{paper.title}.pdf")
