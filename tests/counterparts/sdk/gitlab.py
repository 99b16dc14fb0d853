"""python-gitlab at work: looks a label up, makes and edits an issue, and meets refusals."""

import json
import sys

# This file is called like the library.
sys.path.pop(0)
import gitlab

given = json.load(sys.stdin)
said = {}


def tell(name, step):
    try:
        said[name] = step()
    except gitlab.exceptions.GitlabError as error:
        said[name] = {"status": error.response_code, "message": str(error.error_message)}


client = gitlab.Gitlab(given["url"], oauth_token=given["token"])
project = client.projects.get(given["project"], lazy=True)
wanted = {"labels": [given["key"]], "scope": "all", "order_by": "created_at", "sort": "asc"}


def found():
    return [each.iid for each in project.issues.list(**wanted, get_all=False)]


tell("absent", found)
made = project.issues.create(given["first"])
said["made"] = made.iid
for name, value in given["newer"].items():
    setattr(made, name, value)
tell("edited", lambda: made.save()["iid"])
tell("found", found)
tell("refused", lambda: project.issues.create({"title": ""}).iid)
order = {"scope": "all", "order_by": "created_at", "sort": "asc", "per_page": 100}
tell(
    "changed",
    lambda: [
        [
            each.iid
            for each in project.issues.list(
                labels=["innohub"], updated_after=given["since"], **order, get_all=False
            )
        ],
        [
            each.note["body"]
            for each in project.events.list(
                action="commented",
                target_type="note",
                after=given["day_before"],
                sort="asc",
                per_page=100,
                get_all=False,
            )
        ],
    ],
)
at = f"/projects/{given['project']}/issues"
# Told not to wait by itself, as it otherwise does.
again = {"verb": "get", "path": at, "query_data": wanted, "obey_rate_limit": False}
given["spend"] and tell(
    "spent", lambda: [client.http_request(**again).status_code for _ in range(given["spend"])]
)
json.dump(said, sys.stdout)
