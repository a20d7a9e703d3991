"""Sends the Worker requests that Slack's own SDK has signed, and some that it has not, and prints, as JSON, what the
SDK and the Worker say of each.

What is right is decided by tests/e2e/slack_sdk.rs: python judge.py URL, with the signing secret in MIYABI_SECRET.
"""

import http.client
import json
import os
import sys
import time
from urllib.parse import urlencode, urlsplit

from slack_sdk.signature import SignatureVerifier

EVENTS, COMMANDS, INTERACTIVITY = "/slack/events", "/slack/commands", "/slack/interactivity"
FORM = "application/x-www-form-urlencoded"
VERIFIER = SignatureVerifier(os.environ["MIYABI_SECRET"])
STRANGER = SignatureVerifier("another-secret-of-somebody-else")


def challenge(words: str, **how) -> str:
    return json.dumps({"type": "url_verification", "challenge": words}, **how)


def vectors():
    """Yields what it is, path, body, time and signature; `None` for a header that is not sent."""

    def signed(what, body, shift=0, form="{}", path=EVENTS, by=VERIFIER):
        at = form.format(int(time.time()) + shift)
        return what, path, body, at, by.generate_signature(timestamp=at, body=body)

    plain = challenge("kumquat")
    yield signed("plain", plain)
    yield signed("escaped", challenge("日本語 🍊"))
    yield signed("bytes above 127", challenge("日本語 🍊", ensure_ascii=False))
    yield signed("spaces and lines", challenge("kumquat", indent=3) + "\r\n \t")
    yield signed("nothing", "")
    yield signed("no JSON", "{")
    yield signed("four minutes ago", plain, -240)
    yield signed("in four minutes", plain, 240)
    command = urlencode({"command": "/nobody-has-this", "text": "100% & more +1 日本語", "team_id": "T1"})
    yield signed("a command", command, path=COMMANDS)
    payload = urlencode({"payload": json.dumps({"type": "nobody_has_this"})})
    yield signed("a press", payload, path=INTERACTIVITY)

    yield signed("too old", plain, -330)
    yield signed("too early", plain, 330)
    yield signed("of another app", plain, by=STRANGER)
    yield signed("a command of another app", command, path=COMMANDS, by=STRANGER)
    yield signed("a press of another app", payload, path=INTERACTIVITY, by=STRANGER)
    _, _, _, at, good = signed("", plain)
    yield "another body", EVENTS, challenge("kumquats"), at, good
    yield "a longer body", EVENTS, plain + " ", at, good
    yield "another second", EVENTS, plain, str(int(at) - 1), good
    yield "no signature", EVENTS, plain, at, None
    yield "no time", EVENTS, plain, None, good
    yield "neither", EVENTS, plain, None, None
    yield "an empty signature", EVENTS, plain, at, ""
    yield "another version", EVENTS, plain, at, good.replace("v0=", "v1=")
    yield "no version", EVENTS, plain, at, good.removeprefix("v0=")
    yield "cut off", EVENTS, plain, at, good[:-1]
    yield "cut off at a byte", EVENTS, plain, at, good[:-2]
    yield "one more", EVENTS, plain, at, good + "0"
    yield "zeros", EVENTS, plain, at, "v0=" + "0" * 64
    yield "no digits", EVENTS, plain, at, "v0=" + "zz" * 32
    yield "letters above 127", EVENTS, plain, at, "v0=" + "é" * 32
    yield signed("a time that is none", plain, form="yesterday")
    yield signed("a time with a part of a second", plain, form="{}.5")
    yield signed("a time before all", plain, form="-{}")
    # Python reads these as numbers: the Worker, where a time is written in one way, may refuse them.
    yield signed("a time with a sign", plain, form="+{}")
    yield signed("a time with a zero in front", plain, form="0{}")


def sdk(body, headers) -> bool:
    try:
        return VERIFIER.is_valid_request(body, headers)
    except (ValueError, TypeError):
        return False


def worker(path, body, headers):
    address = urlsplit(sys.argv[1])
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    # A header is bytes on its way; those above 127 are read as they are here.
    headers = {name: value.encode("utf-8") for name, value in headers.items()}
    connection.request("POST", path, body.encode("utf-8"), headers)
    response = connection.getresponse()
    said = response.read().decode("utf-8")
    connection.close()
    try:
        said = json.loads(said).get("challenge")
    except (ValueError, AttributeError):
        said = None
    return response.status, said


judged = []
for what, path, body, at, signature in vectors():
    headers = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature}
    headers = {name: value for name, value in headers.items() if value is not None}
    valid = sdk(body, headers)
    headers["Content-Type"] = "application/json" if path == EVENTS else FORM
    status, said = worker(path, body, headers)
    judged.append({"what": what, "sdk": valid, "status": status, "challenge": said})
print(json.dumps(judged))
