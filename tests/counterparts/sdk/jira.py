"""The library jira at work: looks a label up, makes and edits an issue, and meets refusals."""

import json
import sys

# This file is called like the library.
sys.path.pop(0)
from jira import JIRA, JIRAError

given = json.load(sys.stdin)
said = {}


def tell(name, step):
    try:
        said[name] = step()
    except JIRAError as error:
        said[name] = {"status": error.status_code, "message": error.text}


jira = JIRA(
    server=given["url"],
    options={"rest_api_version": "3"},
    token_auth=given["token"],
    max_retries=0,
)
jql = f'labels = "{given["key"]}" ORDER BY created ASC'


def search(words):
    asked = {"fields": "labels", "properties": "innohub", "maxResults": 10, "json_result": True}
    return jira.enhanced_search_issues(words, **asked)["issues"]


def found():
    return [each["id"] for each in search(jql)]


tell("absent", found)
issue = jira.create_issue(fields=given["first"]["fields"], prefetch=False)
said["made"] = issue.id
for each in given["first"]["properties"]:
    jira.add_issue_property(issue.id, each["key"], each["value"])
tell("edited", lambda: issue.update(fields=given["newer"]["fields"]))
tell("found", found)
tell("unbounded", lambda: search("ORDER BY created"))
text = {**given["first"]["fields"], "description": "no document"}
tell("refused", lambda: jira.create_issue(fields=text, prefetch=False).id)
since = f"updated >= -{given['since_minutes']}m"
changed = f"labels = innohub AND {since} ORDER BY created ASC"


def ids_changed(fields, most):
    asked = {"fields": fields, "maxResults": most, "json_result": True}
    return [each["id"] for each in jira.enhanced_search_issues(changed, **asked)["issues"]]


tell("changed", lambda: [ids_changed("labels,status", 100), ids_changed("comment", 20)])
given["spend"] and tell("spent", lambda: [found() for _ in range(given["spend"])])
json.dump(said, sys.stdout)
