// Follows the end of a log while its reader is there, and leaves them alone where they read something else.

/** How far from the end still counts as being there, in CSS pixels. */
const NEAR = 40;

export class Pin {
  private isPinned = true;
  private readonly resize: ResizeObserver;
  private readonly aborter = new AbortController();
  private lastTop = 0;

  constructor(
    private readonly scroller: HTMLElement,
    inside: HTMLElement,
    private readonly told: (isPinned: boolean) => void,
  ) {
    const { signal } = this.aborter;
    scroller.addEventListener("scroll", () => this.scrolled(), { signal, passive: true });
    scroller.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && this.set(false), {
      signal,
      passive: true,
    });
    document.addEventListener("selectionchange", () => this.selected(), { signal });
    this.resize = new ResizeObserver(() => this.isPinned && this.jump());
    this.resize.observe(inside);
    this.resize.observe(scroller);
  }

  /** Goes to the end, and follows it from now on. */
  toEnd(): void {
    this.set(true);
    this.jump();
  }

  /** Returns what keeps the reader's place when something is put in front of it. */
  hold(): () => void {
    const { scrollHeight, scrollTop } = this.scroller;
    this.set(false);
    return () => {
      requestAnimationFrame(() => {
        this.scroller.scrollTop = scrollTop + this.scroller.scrollHeight - scrollHeight;
      });
    };
  }

  end(): void {
    this.aborter.abort();
    this.resize.disconnect();
  }

  private jump(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.lastTop = this.scroller.scrollTop;
  }

  private scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    // A step of following is told late, perhaps after its reader has selected something.
    if (scrollTop === this.lastTop) return;
    const isAtEnd = scrollHeight - scrollTop - clientHeight <= NEAR;
    // Keys, touch and the scroll bar go up; a log that grows only leaves its reader behind.
    if (scrollTop < this.lastTop - 2 && !isAtEnd) this.set(false);
    else if (isAtEnd) this.set(true);
    this.lastTop = scrollTop;
  }

  private selected(): void {
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed && this.scroller.contains(selection.anchorNode)) this.set(false);
  }

  private set(isPinned: boolean): void {
    if (this.isPinned === isPinned) return;
    // A log that fits has no other place to be.
    if (!isPinned && this.scroller.scrollHeight <= this.scroller.clientHeight) return;
    this.isPinned = isPinned;
    this.told(isPinned);
  }
}
