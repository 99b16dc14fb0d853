"""What would become of two organisations as one, for an operator."""

import strawberry

from innohub.graphql.inputs import command_of, input_of
from innohub.graphql.mutations.write import Problem, wired
from innohub.market.succession import previewing
from innohub.market.succession.commands import PreviewMerger


@strawberry.type(description="So many of what would go over to the successor.")
class MergerMoves:
    what: str = strawberry.field(description="In words, as in `technologies`.")
    count: int


@strawberry.type(description="What a merger would come to, were it today.")
class MergerPreview:
    moves: list[MergerMoves]
    obstacles: list[Problem] = strawberry.field(
        description="Why it would be refused; empty where it would not."
    )


async def merger_preview_of(
    info: strawberry.Info,
    input: input_of(PreviewMerger),  # type: ignore[valid-type]
) -> MergerPreview:
    """Raises NotSignedIn, Denied, NotFound."""
    context = info.context
    command = command_of(PreviewMerger, input)
    async with context.database.unit_of_work(context.actor.signature()) as work:
        found = await previewing.preview_merger(work, context.actor, command)
    return MergerPreview(
        moves=[MergerMoves(what=one.what, count=one.count) for one in found.moves],
        obstacles=wired(found.obstacle.problems if found.obstacle else []),
    )
