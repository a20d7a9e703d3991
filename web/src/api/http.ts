// One way to call the Worker's API: JSON in, JSON or a Problem out.

/** Why a request was not served, as the API says it (RFC 9457). */
export class Problem extends Error {
  constructor(
    /** Status of HTTP; 0 where nothing was reached. */
    readonly status: number,
    /** For programs: `docs/guide/api.md` lists them. `offline` where nothing was reached. */
    readonly code: string,
    /** For people. */
    readonly detail: string,
    /** After how many seconds a repeat may help. */
    readonly retryAfterS: number | null = null,
  ) {
    super(`${status} ${code}`);
    this.name = "Problem";
  }

  /** Whether the same question is refused again for as long as nothing changes: a budget, or a permission. */
  get isRefusal(): boolean {
    return ["quota_exceeded", "insufficient_scope", "not_allowed_here"].includes(this.code);
  }

  /** Whether the same request may well be served a little later. */
  get isPassing(): boolean {
    return this.status === 0 || (this.status >= 500 && this.code !== "not_configured");
  }
}

/** What a request has besides its method and path. */
export interface Options {
  body?: unknown;
  /** Body that is sent as it is, in place of JSON. */
  file?: Blob;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Whether it is finished although the page goes away. */
  keepalive?: boolean;
}

/** Language in which the Worker says what did not work. */
let language = "en";

export function speak(to: string): void {
  language = to;
}

/** Sends a request and returns its reply if that is one of success, else throws a `Problem`. */
export async function send(method: string, path: string, options: Options = {}): Promise<Response> {
  const headers: Record<string, string> = { "accept-language": language, ...options.headers };
  const init: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
  if (options.body !== undefined) {
    headers["content-type"] = "application/json";
    init.body = JSON.stringify(options.body);
  }
  if (options.file) init.body = options.file;
  if (options.signal) init.signal = options.signal;
  if (options.keepalive) init.keepalive = true;
  let reply: Response;
  try {
    reply = await fetch(path, init);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Problem(0, "offline", "");
  }
  if (!reply.ok) throw await problem(reply);
  return reply;
}

/** Sends a request and returns what the reply's body says; `null` for a reply without one. */
export async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const reply = await send(method, path, options);
  if (reply.status === 204) return null as T;
  try {
    return (await reply.json()) as T;
  } catch {
    throw new Problem(0, "offline", "");
  }
}

async function problem(reply: Response): Promise<Problem> {
  const body: unknown = await reply.json().catch(() => null);
  const fields = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string) => (typeof fields[name] === "string" ? fields[name] : "");
  const after = Number.parseInt(reply.headers.get("retry-after") ?? "", 10);
  const seconds = Number.isFinite(after) ? after : null;
  return new Problem(reply.status, text("code") || "unknown", text("detail"), seconds);
}
