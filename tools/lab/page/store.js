// Keeps a copy of the lab's state up to date with its events.

/** The copy. Keys are like `message/123`; the values come from the lab. */
export class Store {
  #values = new Map();
  #listeners = [];
  #source = null;
  state = "connecting";

  /** The value of a key. */
  get(key) {
    return this.#values.get(key);
  }

  /** Values whose keys have a prefix, as `[rest, value]`, oldest first, because ids only grow. */
  list(prefix) {
    const found = [];
    for (const [key, value] of this.#values) {
      if (key.startsWith(prefix)) found.push([key.slice(prefix.length), value]);
    }
    return found.sort(([one], [other]) => one.length - other.length || (one < other ? -1 : 1));
  }

  /** Calls back after changes, at most once per animation frame. */
  watch(listener) {
    this.#listeners.push(listener);
  }

  /** Reports a change that does not come from the lab. */
  touch() {
    if (this.touched) return;
    this.touched = true;
    const tell = () => {
      this.touched = false;
      for (const listener of this.#listeners) listener();
    };
    // A page in the background gets no animation frames.
    if (document.hidden) setTimeout(tell, 50);
    else requestAnimationFrame(tell);
  }

  /** Closes the connection. A browser may keep a page that was left, and connections are few. */
  disconnect() {
    this.#source?.close();
    this.#source = null;
  }

  /** Connects to the lab, and again whenever the connection is lost. */
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

/** The reader's choices; they survive a reload. */
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
  /** The chosen job; `null` means the latest. */
  job: null,
};

/** The user object of the chosen asker. */
export function asker() {
  return store.get("world")?.users[choice.asker] ?? {};
}

/** The name that others see; the nickname applies in the server only. */
export function nameOf(user, channel = "general") {
  const isPrivate = [1, 3].includes(store.get("world")?.channels[channel]?.type);
  return (isPrivate ? null : user.nick) ?? user.global_name ?? user.username ?? "?";
}
