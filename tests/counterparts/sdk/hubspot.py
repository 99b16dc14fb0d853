"""hubspot-api-client at work: renews a token, writes records, reads and lists, meets refusals."""

import json
import sys

# This file is called like the library.
sys.path.pop(0)
from hubspot import HubSpot
from hubspot.crm.objects import (
    ApiException,
    BatchInputSimplePublicObjectBatchInputUpsert,
    Filter,
    FilterGroup,
    PublicObjectSearchRequest,
    SimplePublicObjectBatchInputUpsert,
)

given = json.load(sys.stdin)
client = HubSpot(access_token=given["token"], host=given["url"])
objects = client.crm.objects
said = {}


def tell(name, step):
    try:
        said[name] = step()
    except ApiException as error:
        said[name] = {"status": error.status, "told": json.loads(error.body)}


def upsert(body, **changes):
    inputs = [
        SimplePublicObjectBatchInputUpsert(
            id_property=each["idProperty"],
            id=each["id"],
            object_write_trace_id=each["objectWriteTraceId"],
            properties={**each["properties"], **changes},
        )
        for each in body["inputs"]
    ]
    batch = BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs)
    answer = objects.batch_api.upsert(given["object"], batch)
    errors = getattr(answer, "errors", None) or []
    return {
        "new": [each.new for each in answer.results],
        "errors": [[each.category, each.message, each.context] for each in errors],
    }


tokens = client.oauth.tokens_api.create(
    grant_type="refresh_token",
    client_id="innohub",
    client_secret="s3cret",
    refresh_token="a-refresh-token",
)
said["token"] = tokens.access_token
tell("made", lambda: upsert(given["first"]))
tell("changed", lambda: upsert(given["newer"]))
tell("wrong", lambda: upsert(given["newer"], innohub_effect="tall"))
look = {"properties": ["innohub_revision"], "id_property": "innohub_key"}
tell("read", lambda: objects.basic_api.get_by_id(given["object"], given["key"], **look).properties)
tell("absent", lambda: objects.basic_api.get_by_id(given["object"], "absent", **look).id)
fields = ["innohub_key", "innohub_revision"]
tell(
    "listed",
    lambda: [
        each.properties["innohub_key"]
        for each in objects.basic_api.get_page(
            given["object"], limit=100, properties=fields
        ).results
    ],
)
search = PublicObjectSearchRequest(
    filter_groups=[
        FilterGroup(filters=[Filter(property_name="innohub_key", operator="HAS_PROPERTY")])
    ],
    properties=["innohub_key", "innohub_stage", "innohub_note"],
    sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
    limit=100,
)
tell("searched", lambda: objects.search_api.do_search(given["object"], search).total)
given["spend"] and tell("spent", lambda: [upsert(given["newer"]) for _ in range(given["spend"])])
json.dump(said, sys.stdout)
