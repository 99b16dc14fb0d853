"""Microsoft's client library at work: makes, changes, lists, and meets refusals; and MSAL, which
signs in with a certificate."""

import json
import sys

import msal
from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError
from redirect import redirected

given = json.load(sys.stdin)
session = redirected(given["url"])
said = {}

app = msal.ConfidentialClientApplication(
    given["client_id"],
    authority=f"https://login.microsoftonline.com/{given['tenant']}",
    client_credential={
        "private_key": given["private_key"],
        "public_certificate": given["certificate"],
    },
    http_client=session,
    instance_discovery=False,
)
granted = app.acquire_token_for_client([f"{given['environment']}/.default"])
said["granted"] = granted.get("token_type", granted)


class Credential:
    def get_token(self, *scopes, **options):
        said["scopes"] = list(scopes)
        return AccessToken(granted["access_token"], 9_999_999_999)


client = DataverseClient(given["environment"], Credential())
client._session = session


def tell(name, step):
    try:
        said[name] = step()
    except HttpError as error:
        said[name] = {
            "status": error.status_code,
            "code": error.details.get("service_error_code"),
            "retry_after": error.details.get("retry_after"),
            "message": str(error),
        }


def upsert(record, key=given["key"]):
    item = {"alternate_key": {"innohub_key": key}, "record": record}
    return client.records.upsert(given["table"], [item])


tell("made", lambda: upsert(given["first"]))
tell("changed", lambda: upsert(given["newer"]))
tell("quoted", lambda: upsert({"innohub_revision": 1}, key="it's"))
tell("more", lambda: upsert({"innohub_revision": 1}, key="another"))
tell("unknown", lambda: upsert({"colour": "blue"}))
pages = client.records.list_pages(given["table"], select=["innohub_key", "innohub_revision"])
said["listed"] = sorted(row["innohub_key"] for page in pages for row in page)
changed = client.records.list_pages(
    given["table"],
    select=["innohub_key", "innohub_note", "statuscode"],
    filter=given["changed"],
    orderby=["innohub_key"],
    page_size=500,
    include_annotations="OData.Community.Display.V1.FormattedValue",
)
said["changed_since"] = [row["innohub_key"] for page in changed for row in page]
session.post("https://login.microsoftonline.com/limit")
tell("limited", lambda: upsert(given["newer"]))
json.dump(said, sys.stdout)
