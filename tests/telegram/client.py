"""Has python-telegram-bot call the lab as it would call Telegram, and read what it answers, and prints, as JSON, what
was refused and what was read.

What is right is decided by tests/e2e/bots.rs: python client.py BASE CHAT, with the token in MIYABI_TOKEN.
"""

import asyncio
import json
import os
import sys

from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity
from telegram.error import TelegramError

BASE, CHAT = sys.argv[1], int(sys.argv[2])
refused = []


async def call(sent):
    try:
        return await sent
    except TelegramError as error:
        refused.append(str(error))


async def main():
    bot = Bot(os.environ["MIYABI_TOKEN"], base_url=f"{BASE}/bot", base_file_url=f"{BASE}/file/bot")
    async with bot:
        keys = InlineKeyboardMarkup([[InlineKeyboardButton("Again", callback_data="again:1")]])
        bold = [MessageEntity(MessageEntity.BOLD, 3, 4)]
        said = await call(bot.send_message(CHAT, "😀 bold", entities=bold, reply_markup=keys))
        edited = await call(bot.edit_message_text("c", CHAT, said.message_id))
        reply = await call(bot.send_message(CHAT, "d", reply_to_message_id=said.message_id))
        file = await call(bot.send_document(CHAT, b"# all", filename="answer.md", caption="e"))
        await call(bot.send_chat_action(CHAT, "typing"))
        await call(bot.set_my_commands([BotCommand("ask", "Ask")]))
        commands = await call(bot.get_my_commands())
        hook = await call(bot.get_webhook_info())
        gone = await call(bot.delete_message(CHAT, reply.message_id))
    seen = {
        "username": bot.username,
        "bold": list(said.parse_entities().values()),
        "button": said.reply_markup.inline_keyboard[0][0].callback_data,
        "edited": edited.text,
        "reply_to": reply.reply_to_message.message_id == said.message_id,
        "file": file.document.file_name,
        "commands": [it.command for it in commands],
        "waiting": hook.pending_update_count,
        "gone": gone,
    }
    print(json.dumps({"refused": refused, "seen": seen}))


asyncio.run(main())
