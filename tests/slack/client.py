"""Has the client of Slack's SDK call the lab as it would call Slack, and prints what was refused, as JSON.

What is right is decided by tests/e2e/slack_sdk.rs: python client.py BASE CHANNEL PERSON TEAM, with the token in
MIYABI_TOKEN.
"""

import json
import os
import sys

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

BASE, CHANNEL, PERSON, TEAM = sys.argv[1:]
CLIENT = WebClient(token=os.environ["MIYABI_TOKEN"], base_url=f"{BASE}/")
refused = []


def call(method, **arguments):
    try:
        return getattr(CLIENT, method)(**arguments).data
    except SlackApiError as error:
        refused.append({"method": method, "answer": error.response.data})
        return {}


markdown = [{"type": "markdown", "text": "**kumquat**"}]
metadata = {"event_type": "miyabi_message", "event_payload": {"job": "1"}}
place = {"channel": CHANNEL}
call("auth_test")
call("users_info", user=PERSON, include_locale=True)
call("conversations_info", **place)
root = call("chat_postMessage", **place, text="a", blocks=markdown, metadata=metadata, unfurl_links=False)["ts"]
thread = {"thread_ts": root}
call("chat_postMessage", **place, **thread, markdown_text="**b**")
call("chat_update", **place, ts=root, text="c", blocks=markdown)
call("chat_postEphemeral", **place, **thread, user=PERSON, text="d")
call("assistant_threads_setStatus", channel_id=CHANNEL, **thread, status="is thinking", loading_messages=["e"])
grown = call(
    "chat_startStream", **place, **thread, recipient_team_id=TEAM, recipient_user_id=PERSON, markdown_text="f"
)["ts"]
call("chat_appendStream", **place, ts=grown, markdown_text="g")
call("chat_stopStream", **place, ts=grown, blocks=markdown)
call("files_upload_v2", **place, **thread, content="h", filename="h.txt", title="h", initial_comment="h")
replies = call("conversations_replies", **place, ts=root, include_all_metadata=True, limit=200)
call("conversations_history", **place, include_all_metadata=True, limit=200, oldest="0")
call("chat_delete", **place, ts=grown)
call("views_publish", user_id=PERSON, view={"type": "home", "blocks": [{"type": "divider"}]})
found = [it.get("metadata", {}).get("event_payload") for it in replies.get("messages", [])]
print(json.dumps({"refused": refused, "replies": len(found), "metadata": found[:1]}))
