// Pictures on buttons, drawn in one line width. They say nothing to a screen reader: their button does.

const PATHS = {
  new: "M12 5v14M5 12h14",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.5 15.5 20 20",
  menu: "M4 7h16M4 12h16M4 17h16",
  more: "M5.5 12h.5M11.8 12h.5M18 12h.5",
  close: "M6 6l12 12M18 6 6 18",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M8 8h8v8H8z",
  attach:
    "M20 11.5 12.3 19a5 5 0 0 1-7-7L13 4.4a3.3 3.3 0 0 1 4.7 4.7L10 16.7a1.7 1.7 0 0 1-2.4-2.4L14.5 7.5",
  mic: "M12 15a3 3 0 0 0 3-3V7a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3ZM6 11.5a6 6 0 0 0 12 0M12 17.5V20",
  copy: "M9 9h10v10H9zM5 15V5h10",
  done: "M5 12.5 10 17l9-10",
  edit: "M5 19h4L19 9l-4-4L5 15z",
  again: "M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4",
  sound: "M5 10v4h3l4 4V6L8 10zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  before: "M14 6l-6 6 6 6",
  next: "M10 6l6 6-6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  share: "M12 15V4M8 7.5 12 4l4 3.5M6 12v7h12v-7",
  memory: "M12 20s-7-4.2-7-9.3A4 4 0 0 1 12 8a4 4 0 0 1 7 2.7C19 15.8 12 20 12 20Z",
  settings:
    "M4 8h9M17 8h3M15 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM4 16h3M11 16h9M9 18.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  keys: "M4 7h16v10H4zM7.5 10.5h.01M11 10.5h.01M14.5 10.5h.01M8 14h8",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM5 20c.6-3.6 3.4-5.5 7-5.5s6.4 1.9 7 5.5",
  info: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16ZM12 11v5M12 8h.01",
  temporary:
    "M12 20a8 8 0 1 1 0-16M15.5 4.8A8 8 0 0 1 19.2 8.5M20 12a8 8 0 0 1-.8 3.5M16.5 18.6a8 8 0 0 1-1.5.8M12 8v4.2l2.6 1.8",
  pause: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16ZM10 9v6M14 9v6",
  file: "M7 4h7l4 4v12H7zM14 4v4h4",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** A button that is a picture; its name is what a screen reader says and what is shown on hovering. */
export function IconButton(props: {
  icon: IconName;
  label: string;
  onClick: (event: MouseEvent) => void;
  class?: string;
  isDisabled?: boolean;
  isPressed?: boolean;
  isExpanded?: boolean;
  /** What it does, for who looks for it. */
  does?: string;
}) {
  const { icon, label, onClick, isDisabled, isPressed, isExpanded, does } = props;
  return (
    <button
      type="button"
      class={`icon-button ${props.class ?? ""}`}
      aria-label={label}
      title={label}
      disabled={isDisabled ?? false}
      {...(does ? { "data-does": does } : {})}
      {...(isPressed === undefined ? {} : { "aria-pressed": isPressed })}
      {...(isExpanded === undefined ? {} : { "aria-expanded": isExpanded })}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
