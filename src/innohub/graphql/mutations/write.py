"""How a service becomes a mutation: parse the command, one unit of work, the row it returned.

Expected failures are members of the payload's union. They are made in one place, `Expected`, which
the schema calls for every mutation.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from innohub.command import Command
from innohub.errors import InnoHubError
from innohub.graphql.inputs import command_of, input_of

Service = Callable[..., Awaitable[Any]]


@strawberry.type(description="One thing wrong with an input.")
class Problem:
    message: str
    field: str | None
    row: int | None = strawberry.field(description="The line of an uploaded file, header = 1.")


@strawberry.type(description="The change was refused, and nothing was changed.")
class Failure:
    code: str = strawberry.field(
        description="invalid, not_signed_in, denied, not_found, conflict, wrong_state or too_large."
    )
    message: str
    field: str | None
    problems: list[Problem]


class Expected(strawberry.ExceptionHandler[InnoHubError, Failure]):
    """Turns an expected failure into the payload's `Failure`."""

    def handle(self, exception: InnoHubError, *, field: Any, info: Any) -> Failure:
        return Failure(
            code=exception.code,
            message=exception.message,
            field=_wire(exception.field),
            problems=[
                Problem(message=one.message, field=_wire(one.field), row=one.row)
                for one in exception.problems
            ],
        )


def _wire(field: str | None) -> str | None:
    return field and ".".join(to_camel_case(part) for part in field.split("."))


def write(
    service: Service,
    command: type[Command],
    payload: type[Any],
    *,
    of: Callable[[Any], dict[str, Any]] = lambda row: {"id": row.id},
    needs_hub: bool = False,
) -> Any:
    """The mutation that carries out `command` by `service`; `of` makes the payload's fields."""
    name = command.__name__

    async def resolve(info: strawberry.Info, input: Any) -> Any:
        context = info.context
        async with context.database.unit_of_work(
            context.actor.signature(context.request_id)
        ) as work:
            further = {"hub": context.hub} if needs_hub else {}
            answer = await service(work, context.actor, command_of(command, input), **further)
        return payload(**of(answer))

    resolve.__annotations__ = {
        "info": strawberry.Info,
        "input": input_of(command),
        "return": Annotated[payload | Failure, strawberry.union(f"{name}Result")],
    }
    description = (command.__doc__ or "").strip() or (service.__doc__ or "").strip()
    return strawberry.mutation(resolve, description=description.split("\n\n")[0] or None)
