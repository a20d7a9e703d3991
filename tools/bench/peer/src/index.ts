// The bot as one writes it in TypeScript: hono for the routes, discord-hono for the interaction,
// a row and a Workflow instance before the reply.
import { DiscordHono } from "discord-hono";
import { Hono } from "hono";
import type { Env } from "./types";

export { MiyabiWorkflow } from "./workflow";

const discord = new DiscordHono<{ Bindings: Env }>().command("ask", async (c) => {
  const { id, token, channel_id, member, user } = c.interaction;
  const asker = member?.user ?? user;
  const question = String(c.var.question ?? "");
  await c.env.miyabi_db
    .prepare("INSERT INTO jobs (id, token, status) VALUES (?, ?, 'PENDING')")
    .bind(id, token)
    .run();
  await c.env.miyabi_workflow.create({
    id,
    params: {
      id,
      token,
      question,
      channel: channel_id,
      name: member?.nick ?? asker.global_name ?? asker.username,
      avatar: `https://cdn.discordapp.com/avatars/${asker.id}/${asker.avatar}.png`,
    },
  });
  return c.flags("EPHEMERAL").resDefer();
});

const app = new Hono<{ Bindings: Env }>();
app.get("/health", (c) => c.json({ status: "ok" }));
app.post("/discord/interactions", (c) => discord.fetch(c.req.raw, c.env, c.executionCtx));

export default app;
