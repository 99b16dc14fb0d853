"""graphql-core's executor, taught that some values are finished already."""

from typing import Any

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from innohub.graphql.context import Shaped


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Passes the read engine's answers on as they are, and executes everything else."""

    def complete_value(self, *args: Any, **kwargs: Any) -> Any:
        result = args[4] if len(args) > 4 else kwargs["result"]
        if isinstance(result, Shaped):
            return result.value
        return super().complete_value(*args, **kwargs)
