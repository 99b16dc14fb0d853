"""What Prometheus is told."""

from innohub.db.unit_of_work import Database
from innohub.hub.wiring import Hub
from tests.hub.scene import a_connection
from tests.web.visitor import Visitor


async def test_metrics_tell_of_the_process_and_of_each_connection(
    visitor: Visitor, database: Database
) -> None:
    hub: Hub = visitor.app.state.hub
    supplied = await a_connection(database, hub, "http://127.0.0.1:9")

    answer = await visitor.client.get("/metrics")

    assert answer.status_code == 200
    assert "python_info" in answer.text
    number = supplied.connection.id
    assert f'innohub_connection_sending{{connection="{number}",connector="webhook"' in answer.text


async def test_without_its_database_the_process_still_tells_what_it_counted(
    visitor: Visitor,
) -> None:
    class Away:
        def session(self) -> None:
            raise OSError("away")

    visitor.app.state.database = Away()

    answer = await visitor.client.get("/metrics")

    assert answer.status_code == 200
    assert "python_info" in answer.text
    assert "innohub_connection" not in answer.text
