// What the bot is bound to, as far as it uses it.

type Statement = {
  bind(...values: unknown[]): { run(): Promise<unknown> };
};

export type Env = {
  miyabi_db: { prepare(sql: string): Statement };
  miyabi_workflow: { create(options: { id: string; params: Params }): Promise<unknown> };
  AI: { run(model: string, inputs: unknown, options?: unknown): Promise<unknown> };
  MIYABI_MODEL: string;
  DISCORD_API_BASE: string;
  DISCORD_APPLICATION_ID: string;
  DISCORD_PUBLIC_KEY: string;
  DISCORD_WEBHOOK_URL: string;
};

export type Params = {
  id: string;
  token: string;
  question: string;
  channel: string;
  name: string;
  avatar: string;
};
