// Hears when something is said in a conversation elsewhere: on another device, in Discord. What it is is read from
// the stream and the conversation, as anything else: the socket only says that there is something.

const SLOWEST_MS = 30_000;
const PING_MS = 45_000;
/** Codes after which coming back is of no use: `docs/guide/live.md`. */
const FINAL = new Set([1008, 1009, 4400, 4401, 4403, 4404, 4410]);

/** Listens until it is told to end. `heard` is called for each turn that begins, and for one that runs already. */
export function listenTo(conversation: string, heard: () => void): () => void {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ping: ReturnType<typeof setInterval> | undefined;
  let wait = 1_000;
  let hasEnded = false;

  const connect = () => {
    const address = `/api/conversations/${encodeURIComponent(conversation)}/socket`;
    socket = new WebSocket(new URL(address, location.href.replace(/^http/, "ws")), "miyabi.v1");
    socket.onopen = () => {
      ping = setInterval(
        () => socket?.readyState === WebSocket.OPEN && socket.send('{"type":"ping"}'),
        PING_MS,
      );
    };
    socket.onmessage = ({ data }) => {
      wait = 1_000;
      if (isNews(String(data))) heard();
    };
    socket.onclose = ({ code }) => {
      clearInterval(ping);
      if (hasEnded || FINAL.has(code)) return;
      timer = setTimeout(connect, wait / 2 + (Math.random() * wait) / 2);
      wait = Math.min(SLOWEST_MS, wait * 2);
    };
  };
  connect();
  return () => {
    hasEnded = true;
    clearTimeout(timer);
    clearInterval(ping);
    socket?.close();
  };
}

function isNews(data: string): boolean {
  try {
    const frame = JSON.parse(data) as { type?: string; state?: string; chunk?: { type?: string } };
    if (frame.type === "hello") return frame.state !== "idle";
    return frame.type === "question" || (frame.type === "event" && frame.chunk?.type === "start");
  } catch {
    return false;
  }
}
