"""simple-salesforce at work: signs in, makes, changes, reads and lists, and meets refusals."""

import json
import sys

from redirect import redirected
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceError

given = json.load(sys.stdin)
session = redirected(given["url"])
common = {"session": session, "version": "66.0", "consumer_key": given["client_id"]}
said = {}


def tell(name, step):
    try:
        said[name] = step()
    except SalesforceError as error:
        content = getattr(error, "content", None) or str(error)
        content = content.decode() if isinstance(content, bytes) else content
        said[name] = {"raised": type(error).__name__, "content": content}


if given.get("private_key"):
    tell(
        "jwt",
        lambda: (
            Salesforce(
                **common,
                username=given["username"],
                privatekey=given["private_key"],
                domain="login",
                instance_url="yours.my",
            ).session_id
        ),
    )
sf = Salesforce(**common, consumer_secret=given["client_secret"], domain="yours.my")
said["session"] = sf.session_id
table = getattr(sf, given["object"])
at = f"InnoHub_Key__c/{given['key']}"
tell("made", lambda: table.upsert(at, given["first"]))
tell("changed", lambda: table.upsert(at, given["newer"]))
tell("read", lambda: table.get_by_custom_id("InnoHub_Key__c", given["key"]))
tell("older", lambda: table.upsert(at, given["older"]))
tell("repeated_key", lambda: table.upsert(at, {**given["newer"], "InnoHub_Key__c": given["key"]}))
tell("double", lambda: table.upsert("InnoHub_Key__c/double", given["newer"]))
tell("absent", lambda: table.get_by_custom_id("InnoHub_Key__c", "absent"))
tell("listed", lambda: sf.query_all(given["query"])["records"])
tell("changed_since", lambda: sf.query_all(given["changed_since"])["records"])
said["usage"] = [table.api_usage["api-usage"].used, table.api_usage["api-usage"].total]
tell("limited", lambda: table.upsert("InnoHub_Key__c/limited", given["newer"]))
# The stand-in ends the session here; the library signs in anew by itself.
session.post("https://yours.my.salesforce.com/expire")
tell("renewed", lambda: table.upsert(at, given["newer"]))
json.dump(said, sys.stdout)
