"""Compares calls of Slack's methods with Slack's own SDK, and prints what the SDK does not know of them, as JSON.

The calls come on standard input: a list of `method` and `arguments`. What is right is decided by
tests/e2e/slack_sdk.rs.
"""

import inspect
import json
import sys

from slack_sdk import WebClient
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block


def complaints(method, arguments):
    call = getattr(WebClient, method.replace(".", "_"), None)
    if call is None:
        yield "there is no such method"
        return
    known = [
        it
        for it in inspect.signature(call).parameters.values()
        if it.kind is inspect.Parameter.KEYWORD_ONLY
    ]
    for name in arguments.keys() - {it.name for it in known}:
        yield f"{name} is no argument of it"
    for it in known:
        if it.default is inspect.Parameter.empty and it.name not in arguments:
            yield f"{it.name} is missing"
    for block in arguments.get("blocks", []):
        read = Block.parse(block)
        if read is None:
            yield f"there is no block {block.get('type')}"
            continue
        try:
            written = read.to_dict()
        except SlackObjectFormationError as error:
            yield str(error)
            continue
        for name in block.keys() - written.keys():
            yield f"{name} is no field of a block {block['type']}"


calls = json.load(sys.stdin)
found = [f"{it['method']}: {why}" for it in calls for why in complaints(it["method"], it["arguments"])]
print(json.dumps({"looked_at": len(calls), "found": found}))
