"""pysnc at work: signs in, looks a key up, lists, and meets refusals."""

import json
import sys

import requests
from pysnc import ServiceNowClient
from pysnc.auth import ServiceNowClientCredentialsFlow
from pysnc.exceptions import RequestException
from redirect import Redirect, redirected

given = json.load(sys.stdin)
# It insists on https, and signs in by a session of its own.
requests.post = redirected(given["url"]).post
flow = ServiceNowClientCredentialsFlow(given["client_id"], given["client_secret"])
client = ServiceNowClient("https://clearframe.service-now.com", flow, auto_retry=False)
client.session.mount("https://", Redirect(given["url"]))
said = {}


def query(key):
    record = client.GlideRecord(given["table"], batch_size=10)
    record.fields = ["sys_id", "correlation_id", "u_innohub_revision"]
    record.add_query("correlation_id", key)
    record.order_by("sys_created_on")
    record.limit = 10
    record.query()
    return [each.get_value("u_innohub_revision") for each in record]


said["found"] = query(given["key"])
said["absent"] = query("absent")
changed = client.GlideRecord(given["table"], batch_size=500)
changed.fields = ["sys_id", "correlation_id", "state", "u_innohub_note"]
changed.add_encoded_query(given["changed"])
changed.query()
said["changed"] = [each.get_display_value("state") for each in changed]
try:
    said["spent"] = [query(given["key"]) for _ in range(given["spend"])]
except RequestException as error:
    said["spent"] = str(error)
json.dump(said, sys.stdout)
