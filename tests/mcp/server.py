"""An MCP server of the reference SDK for Python, for tests/e2e/mcp.rs and injections.rs.

Prints its port, and ends when its input does. What it finds is in TEXTS, a JSON object, what it was asked
goes to the file CALLS, one JSON list in each line, and with TOKEN it lets nobody else in.
"""

import asyncio
import json
import os
import socket
import sys
import threading

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

READS = ToolAnnotations(readOnlyHint=True)

server = MCPServer("library")


@server.tool(annotations=READS)
def shelf(title: str) -> str:
    """Says on which shelf a book stands."""
    if title == "nowhere":
        raise ToolError("there is no such book")
    return f"{title} stands on shelf {len(title)}."


@server.tool(annotations=READS)
def pages(title: str) -> dict[str, int]:
    """Counts the pages of a book."""
    return {"pages": 10 * len(title)}


@server.tool(annotations=ToolAnnotations(readOnlyHint=False, destructiveHint=True))
def burn(title: str) -> str:
    """Burns a book."""
    sys.exit(f"{title} was burnt")


TEXTS = json.loads(os.environ.get("TEXTS", "{}"))


def note(tool: str, argument: str) -> None:
    if path := os.environ.get("CALLS"):
        with open(path, "a", encoding="utf-8") as calls:
            calls.write(json.dumps([tool, argument]) + "\n")


@server.tool(annotations=READS)
def search(q: str) -> str:
    """Searches the docs."""
    note("search", q)
    found = TEXTS.get(q, {"text": "Nothing."})
    if found.get("is_error"):
        raise ToolError(found["text"])
    return found["text"]


loans: list[str] = []


@server.tool()
def lend(title: str) -> str:
    """Lends a book."""
    note("lend", title)
    loans.append(title)
    return f"{title} is lent; loans so far: {len(loans)}"


@server.tool(annotations=READS)
def lent() -> str:
    """Counts the books that are lent."""
    return f"loans so far: {len(loans)}"


class Guarded:
    """Lets those in who have the token, as a server does that OAuth protects."""

    def __init__(self, app, token: str) -> None:
        self.app, self.wanted = app, f"Bearer {token}".encode()

    async def __call__(self, scope, receive, send) -> None:
        headers = dict(scope.get("headers", []))
        if scope["type"] == "http" and headers.get(b"authorization") != self.wanted:
            where = b'Bearer resource_metadata="http://127.0.0.1/.well-known/oauth-protected-resource"'
            headers = [(b"www-authenticate", where)]
            await send({"type": "http.response.start", "status": 401, "headers": headers})
            await send({"type": "http.response.body", "body": b'{"error":"invalid_token"}'})
            return
        await self.app(scope, receive, send)


@server.tool(annotations=READS)
async def count(to: int, context: Context) -> str:
    """Counts slowly, and says how far it is."""
    for number in range(to):
        await context.info(f"at {number}")
        await context.report_progress(number, to)
        await asyncio.sleep(0.2)
    return f"counted to {to}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()
port = int(sys.argv[1]) if len(sys.argv) > 1 else free_port()
print(port, flush=True)
if token := os.environ.get("TOKEN"):
    uvicorn.run(Guarded(server.streamable_http_app(), token), port=port, log_level="error")
else:
    server.run("streamable-http", port=port)
