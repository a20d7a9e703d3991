// A copy of what the lab knows, kept up to date by its events.

/** Keys are like `message/123`; values are what the lab says of it. */
export class Store {
  #values = new Map();
  #listeners = [];
  #source = null;
  state = "connecting";

  /** The value of a key. */
  get(key) {
    return this.#values.get(key);
  }

  /** Values whose keys begin so, as `[rest, value]`, oldest first: ids and numbers only grow. */
  list(prefix) {
    const found = [];
    for (const [key, value] of this.#values) {
      if (key.startsWith(prefix)) found.push([key.slice(prefix.length), value]);
    }
    return found.sort(([one], [other]) => one.length - other.length || (one < other ? -1 : 1));
  }

  /** Calls back after each change, at most once for each picture that is drawn. */
  watch(listener) {
    this.#listeners.push(listener);
  }

  /** Says that something has changed that the lab does not know of. */
  touch() {
    if (this.touched) return;
    this.touched = true;
    const tell = () => {
      this.touched = false;
      for (const listener of this.#listeners) listener();
    };
    // A page in the background draws no pictures, and is still to be right.
    if (document.hidden) setTimeout(tell, 50);
    else requestAnimationFrame(tell);
  }

  /** Stops to listen: a browser may keep a page that was left, and with it one of few connections. */
  disconnect() {
    this.#source?.close();
    this.#source = null;
  }

  /** Listens, and goes on listening when the lab was away. */
  connect() {
    this.disconnect();
    const source = new EventSource("/lab/events");
    this.#source = source;
    source.addEventListener("message", (event) => this.#apply(JSON.parse(event.data)));
    source.addEventListener("open", () => this.#enter("live"));
    source.addEventListener("error", () => {
      this.#enter("lost");
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.#source === source && this.connect(), 1000);
    });
  }

  #enter(state) {
    this.state = state;
    this.touch();
  }

  #apply({ reset, set, gone }) {
    if (reset) this.#values.clear();
    for (const [key, value] of Object.entries(set)) this.#values.set(key, value);
    for (const key of gone) this.#values.delete(key);
    this.touch();
  }
}

export const store = new Store();

/** What the reader has chosen; it survives a reload. */
export const choice = {
  get channel() {
    return localStorage.getItem("channel") ?? "general";
  },
  set channel(name) {
    localStorage.setItem("channel", name);
    store.touch();
  },
  get asker() {
    return localStorage.getItem("asker") ?? "mio";
  },
  set asker(name) {
    localStorage.setItem("asker", name);
    store.touch();
  },
  /** The job to look at; `null` is the latest. */
  job: null,
};

/** The chosen asker, as the lab knows them. */
export function asker() {
  return store.get("world")?.users[choice.asker] ?? {};
}

/** The name that others see; a nickname is the server's, and none elsewhere. */
export function nameOf(user, channel = "general") {
  const isPrivate = [1, 3].includes(store.get("world")?.channels[channel]?.type);
  return (isPrivate ? null : user.nick) ?? user.global_name ?? user.username ?? "?";
}
