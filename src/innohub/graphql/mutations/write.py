"""How a service becomes a mutation: parse the command, one unit of work, the row it returned.

With an `Idempotency-Key`, a change that was made under it is not made again: its payload is.

Expected failures are members of the payload's union. They are made in one place, `Expected`, which
the schema calls for every mutation.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from innohub import errors
from innohub.command import Command
from innohub.db import idempotency
from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import InnoHubError
from innohub.graphql.context import Context
from innohub.graphql.idempotency import opened, sealed
from innohub.graphql.inputs import command_of, input_of

Service = Callable[..., Awaitable[Any]]


@strawberry.type(description="One thing wrong with an input.")
class Problem:
    message: str
    field: str | None
    row: int | None = strawberry.field(description="The line of an uploaded file, header = 1.")
    rule: str | None = strawberry.field(description="The name of the rule, where it has one.")


@strawberry.type(description="The change was refused, and nothing was changed.")
class Failure:
    code: str = strawberry.field(
        description="invalid, not_signed_in, denied, step_up_required, not_found, conflict, "
        "wrong_state, too_large or idempotency_key_reused."
    )
    message: str
    field: str | None
    problems: list[Problem]
    address: str | None = strawberry.field(
        description="A page of the hub that says more, or where it can be mended."
    )
    rule: str | None = strawberry.field(
        description="The name of the rule that was broken, where it has one: for programs."
    )


class Expected(strawberry.ExceptionHandler[InnoHubError, Failure]):
    """Turns an expected failure into the payload's `Failure`."""

    def handle(self, exception: InnoHubError, *, field: Any, info: Any) -> Failure:
        return Failure(
            code=exception.code,
            message=exception.message,
            field=_wire(exception.field),
            problems=wired(exception.problems),
            address=exception.address,
            rule=exception.rule,
        )


def wired(problems: Iterable[errors.Problem]) -> list[Problem]:
    """The problems, with their fields in the API's own names."""
    return [
        Problem(message=one.message, field=_wire(one.field), row=one.row, rule=one.rule)
        for one in problems
    ]


def _wire(field: str | None) -> str | None:
    return field and ".".join(to_camel_case(part) for part in field.split("."))


async def _before(context: Context, work: UnitOfWork, step: str) -> dict[str, Any] | None:
    """The payload's fields of a change that was made under the request's key before."""
    if context.once is None:
        return None
    stored = await idempotency.claim(work, context.once, step)
    return None if stored is None else opened(context.hub.vault, context.once, stored)


async def _keep(context: Context, work: UnitOfWork, step: str, fields: dict[str, Any]) -> None:
    if context.once is not None:
        stored = sealed(context.hub.vault, context.once, fields)
        await idempotency.keep(work, context.once, step, stored)


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
        context: Context = info.context
        step = str(info.path.key)
        signature = context.actor.signature(context.request_id)
        async with context.database.unit_of_work(signature) as work:
            fields = await _before(context, work, step)
            if fields is None:
                further = {"hub": context.hub} if needs_hub else {}
                parsed = command_of(command, input)
                fields = of(await service(work, context.actor, parsed, **further))
                await _keep(context, work, step, fields)
        if context.once is not None:
            context.steps.append(step)
        return payload(**fields)

    resolve.__annotations__ = {
        "info": strawberry.Info,
        "input": input_of(command),
        "return": Annotated[payload | Failure, strawberry.union(f"{name}Result")],
    }
    description = (command.__doc__ or "").strip() or (service.__doc__ or "").strip()
    return strawberry.mutation(resolve, description=description.split("\n\n")[0] or None)
