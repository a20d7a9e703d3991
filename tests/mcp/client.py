"""Drives the client of the reference SDK for Python against the Worker, and prints what it was told, as JSON.

What is right is decided by tests/e2e/mcp_server.rs: python client.py URL, with the key in MIYABI_KEY.
"""

import asyncio
import json
import os
import sys

from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client


async def main() -> None:
    headers = {"authorization": f"Bearer {os.environ['MIYABI_KEY']}"}
    async with create_mcp_http_client(headers=headers) as http:
        transport = streamable_http_client(f"{sys.argv[1]}/mcp", http_client=http)
        async with Client(transport) as client:
            tools = await client.list_tools()
            asked = await client.call_tool("ask", {"question": "Say persimmon."})
            print(
                json.dumps(
                    {
                        "version": client.protocol_version,
                        "tools": [tool.name for tool in tools.tools],
                        "asked": asked.structured_content,
                        "text": asked.content[0].text,
                    }
                )
            )


asyncio.run(main())
