"""Compares calls of the Bot API with python-telegram-bot, and prints, as JSON, what it does not know of them, and which
words it reads under each entity.

The calls come on standard input: a list of `method` and `arguments`. What is right is decided by tests/e2e/bots.rs.
"""

import inspect
import json
import re
import sys

from telegram import (
    Bot,
    ForceReply,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)
from telegram._utils.entities import parse_message_entity

OBJECTS = {
    "link_preview_options": LinkPreviewOptions,
    "reply_markup": InlineKeyboardMarkup,
    "reply_parameters": ReplyParameters,
}


def unknown(value):
    """Yields the fields of an object and of those in it that the package has no name for."""
    if isinstance(value, (list, tuple)):
        for it in value:
            yield from unknown(it)
    elif hasattr(value, "api_kwargs"):
        yield from value.api_kwargs
        for name in value.__slots__:
            yield from unknown(getattr(value, name, None))


def complaints(method, arguments):
    call = getattr(Bot, re.sub("([A-Z])", r"_\1", method).lower(), None)
    if call is None:
        yield "there is no such method"
        return
    known = inspect.signature(call).parameters
    for name in arguments.keys() - known.keys():
        yield f"{name} is no argument of it"
    for name, it in known.items():
        if name != "self" and it.default is inspect.Parameter.empty and name not in arguments:
            if it.kind not in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL):
                yield f"{name} is missing"
    for name in arguments.keys() & OBJECTS.keys():
        kind, value = OBJECTS[name], dict(arguments[name])
        # The package sets this one itself.
        if value.pop("force_reply", False):
            kind = ForceReply
        for field in unknown(kind.de_json(value, None)):
            yield f"{field} is no field of {name}"
    for entity in MessageEntity.de_list(arguments.get("entities", []), None):
        if entity.type not in MessageEntity.ALL_TYPES:
            yield f"{entity.type} is no kind of entity"
        for field in unknown(entity):
            yield f"{field} is no field of an entity"


def words(arguments):
    for entity in MessageEntity.de_list(arguments.get("entities", []), None):
        yield [entity.type, parse_message_entity(arguments["text"], entity)]


calls = json.load(sys.stdin)
found = [f"{it['method']}: {why}" for it in calls for why in complaints(it["method"], it["arguments"])]
read = [one for it in calls for one in words(it["arguments"])]
print(json.dumps({"looked_at": len(calls), "found": found, "entities": read}))
