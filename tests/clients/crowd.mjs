// Opens many sockets on one conversation and does nothing on them, by the WebSocket that Node.js has itself.
// Says `open` when all have been greeted, and `told` when all have read the end of a turn.
//
// node crowd.mjs URL COUNT; the key is in MIYABI_KEY.

const [url, count] = process.argv.slice(2);
const { MIYABI_KEY: key } = process.env;

const address = url.replace("http", "ws");
let greeted = 0;
let told = 0;

function open() {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, ["miyabi.v1", `miyabi.key.${key}`]);
    socket.onclose = ({ code, reason }) => reject(new Error(`closed: ${code} ${reason}`));
    socket.onmessage = ({ data }) => {
      const { type, chunk } = JSON.parse(data);
      if (type === "hello") {
        greeted += 1;
        resolve();
      }
      if (chunk?.type === "finish") told += 1;
      if (told === Number(count)) {
        console.log("told");
        process.exit(0);
      }
    };
  });
}

while (greeted < count) {
  await Promise.all(Array.from({ length: Math.min(50, count - greeted) }, open));
}
console.log("open");
