// The conversations: a new one, a search, and those that there are by their day.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import * as api from "../api/chat";
import type { Listed } from "../api/types";
import { current, isCovered, isListOpen, panel, session, show } from "../store/app";
import { hasMore, list, listState, query, readList, readMore, remove, rename } from "../store/list";
import { words } from "../words/words";
import { focusList } from "./focus";
import { Icon, IconButton } from "./Icon";
import { isComposing } from "./shortcuts";

export function List() {
  const { list: says } = words.value;
  const isKnown = session.value !== null && (session.value.who !== "nobody" || session.value.isAnonymous);
  const nav = useRef<HTMLElement>(null);
  const was = useRef(false);
  useEffect(() => {
    // Above the page it takes the focus, and gives it back.
    if (isCovered.value) nav.current?.querySelector<HTMLElement>(".list-top .icon-button")?.focus();
    else if (was.current) document.querySelector<HTMLElement>(".top-bar .icon-button")?.focus();
    was.current = isCovered.value;
  }, [isCovered.value]);
  return (
    <>
      {isListOpen.value && <div class="veil" onClick={() => (isListOpen.value = false)} />}
      <nav class="list" aria-label={says.title} ref={nav}>
        <div class="list-top">
          <p class="brand">
            <span class="brand-mark" aria-hidden="true" lang="ja">
              雅
            </span>
            <span class="brand-name">{words.value.appName}</span>
          </p>
          <IconButton
            icon="close"
            class="only-narrow"
            label={says.close}
            onClick={() => (isListOpen.value = false)}
          />
        </div>
        <button type="button" class="new" onClick={() => show(null)}>
          <Icon name="new" />
          {says.new}
        </button>
        {isKnown && <Search />}
        <div class="list-items">{isKnown && <Items />}</div>
        <Foot />
      </nav>
    </>
  );
}

function Search() {
  const { list: says } = words.value;
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const search = (text: string) => {
    query.value = text;
    if (timer.current) clearTimeout(timer.current);
    timer.current = setTimeout(() => void readList(), 200);
  };
  return (
    <div class="search">
      <Icon name="search" />
      <input
        id="search"
        type="search"
        aria-label={says.search}
        placeholder={says.search}
        value={query.value}
        onInput={(event) => search(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (isComposing(event) || event.key !== "Escape" || query.value === "") return;
          event.stopPropagation();
          search("");
        }}
      />
    </div>
  );
}

function Items() {
  const { list: says } = words.value;
  const items = list.value;
  if (listState.value === "failed") {
    return (
      <div class="nothing">
        <p>{says.failed}</p>
        <button type="button" class="plain" onClick={() => void readList()}>
          {words.value.empty.tryAgain}
        </button>
      </div>
    );
  }
  if (items.length === 0) {
    if (listState.value === "loading") return <p class="nothing dim">{words.value.loading}</p>;
    return <p class="nothing dim">{query.value === "" ? says.none : says.notFound}</p>;
  }
  return (
    <>
      {byDay(items).map(([day, of]) => (
        <section key={day}>
          <h2>{says[day]}</h2>
          <ul>
            {of.map((it) => (
              <Item key={it.id} listed={it} />
            ))}
          </ul>
        </section>
      ))}
      {hasMore() && (
        <button type="button" class="quiet" onClick={() => void readMore()}>
          {says.more}
        </button>
      )}
    </>
  );
}

type Day = "today" | "yesterday" | "week" | "older";
const DAY_MS = 86_400_000;

function byDay(items: Listed[]): [Day, Listed[]][] {
  const midnight = new Date().setHours(0, 0, 0, 0);
  const days = new Map<Day, Listed[]>();
  for (const it of items) {
    const at = Date.parse(it.updatedAt);
    const day: Day =
      at >= midnight
        ? "today"
        : at >= midnight - DAY_MS
          ? "yesterday"
          : at >= midnight - 7 * DAY_MS
            ? "week"
            : "older";
    days.set(day, [...(days.get(day) ?? []), it]);
  }
  return [...days];
}

/** Where a conversation goes on that is only read here. */
function messengerOf(id: string): string | undefined {
  const messengers: Record<string, string> = { discord: "Discord", slack: "Slack", telegram: "Telegram" };
  return messengers[id.split(".", 1)[0] ?? ""];
}

function Item({ listed }: { listed: Listed }) {
  const isNaming = useSignal(false);
  const whole = useRef<HTMLLIElement>(null);
  const { list: says } = words.value;
  const title = listed.title || says.untitled;
  const isHere = current.value?.id === listed.id;
  const messenger = messengerOf(listed.id);
  if (isNaming.value) {
    return (
      <li ref={whole}>
        <Name
          listed={listed}
          onDone={(isByKey) => {
            isNaming.value = false;
            if (isByKey) requestAnimationFrame(() => whole.current?.querySelector("a")?.focus());
          }}
        />
      </li>
    );
  }
  const open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(listed.id);
  };
  return (
    <li class={isHere ? "here" : ""} ref={whole}>
      <a href={`#/c/${listed.id}`} aria-current={isHere ? "page" : undefined} onClick={open}>
        <span class="item-title" dir="auto">
          {title}
        </span>
        {messenger && <span class="dim">{says.from(messenger)}</span>}
      </a>
      <Menu label={says.menu(title)}>
        <button type="button" role="menuitem" onClick={() => (isNaming.value = true)}>
          {says.rename}
        </button>
        <a role="menuitem" href={api.conversations.exportUrl(listed.id, "markdown")} download>
          {says.exportMarkdown}
        </a>
        <a role="menuitem" href={api.conversations.exportUrl(listed.id, "json")} download>
          {says.exportJson}
        </a>
        {session.value?.isSharing && (
          <button
            type="button"
            role="menuitem"
            onClick={() => {
              show(listed.id);
              panel.value = "share";
            }}
          >
            {says.share}
          </button>
        )}
        {!messenger && (
          <button
            type="button"
            role="menuitem"
            class="danger-text"
            onClick={(event) => {
              // By keyboard: a click of it has no place.
              const isByKey = event.detail === 0;
              remove(listed, { back: () => isHere && show(listed.id) }, isByKey);
              if (isHere) show(null);
              if (!isByKey) requestAnimationFrame(focusList);
            }}
          >
            {says.delete}
          </button>
        )}
      </Menu>
    </li>
  );
}

/** A menu that opens below its button, and closes by Escape, by a choice, and when the focus goes elsewhere. */
function Menu({ label, children }: { label: string; children: preact.ComponentChildren }) {
  const isOpen = useSignal(false);
  const whole = useRef<HTMLDivElement>(null);
  const items = () => [...(whole.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  useLayoutEffect(() => {
    if (isOpen.value) items()[0]?.focus();
  }, [isOpen.value]);
  const close = () => {
    isOpen.value = false;
    whole.current?.querySelector<HTMLElement>(".icon-button")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isOpen.value || isComposing(event)) return;
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else if (to !== undefined) {
      event.preventDefault();
      all[(to + all.length) % all.length]?.focus();
    }
  };
  return (
    <div
      class={`menu ${isOpen.value ? "open" : ""}`}
      ref={whole}
      // WebKit gives the focus to no button that is clicked: it goes here then, and stays in the menu.
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onFocusOut={(event) => {
        if (!whole.current?.contains(event.relatedTarget as Node | null)) isOpen.value = false;
      }}
    >
      <IconButton
        icon="more"
        label={label}
        isExpanded={isOpen.value}
        onClick={() => (isOpen.value = !isOpen.value)}
      />
      {isOpen.value && (
        <div
          class="menu-items"
          role="menu"
          aria-label={label}
          // What is chosen may put the focus elsewhere, and gives it back to the button.
          onClickCapture={() => whole.current?.querySelector<HTMLElement>(".icon-button")?.focus()}
          onClick={() => (isOpen.value = false)}
        >
          {children}
        </div>
      )}
    </div>
  );
}

function Name({ listed, onDone }: { listed: Listed; onDone: (isByKey: boolean) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const isDone = useRef(false);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const done = async (isKept: boolean, isByKey: boolean) => {
    if (isDone.current) return;
    isDone.current = true;
    const title = field.current?.value.trim() ?? "";
    if (isKept && title !== "" && title !== listed.title) {
      const renamed = await rename(listed.id, title);
      if (renamed && current.value?.id === listed.id) current.value.title.value = renamed.title;
    }
    onDone(isByKey);
  };
  return (
    <input
      ref={field}
      class="name"
      dir="auto"
      aria-label={words.value.list.renameLabel}
      defaultValue={listed.title}
      maxLength={100}
      onKeyDown={(event) => {
        if (isComposing(event)) return;
        if (event.key === "Enter") void done(true, true);
        else if (event.key === "Escape") {
          event.stopPropagation();
          void done(false, true);
        }
      }}
      onBlur={() => void done(true, false)}
    />
  );
}

function Foot() {
  const who = session.value;
  const { signIn } = words.value;
  const name = who?.who === "person" ? (who.name ?? "") : who?.who === "visitor" ? signIn.visitor : "";
  return (
    <div class="list-foot">
      <button
        type="button"
        class="who"
        onClick={() => (panel.value = who?.who === "person" ? "settings" : "sign-in")}
      >
        <Icon name="person" />
        <span dir="auto">{name || signIn.button}</span>
      </button>
      {who?.who === "person" && who.isMemory && (
        <IconButton icon="memory" label={words.value.memory.title} onClick={() => (panel.value = "memory")} />
      )}
      <IconButton
        icon="keys"
        class="only-wide"
        label={words.value.keys.open}
        onClick={() => (panel.value = "keys")}
      />
      <IconButton
        icon="settings"
        label={words.value.settings.title}
        onClick={() => (panel.value = "settings")}
      />
    </div>
  );
}
