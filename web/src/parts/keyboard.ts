// Where a browser lays the keyboard of a phone over the page, as those of iOS do whatever the page asks for, the page
// ends above it.

/** Keeps `--keyboard` as high as what covers the page. Returns how to end that. */
export function followKeyboard(): () => void {
  const seen = window.visualViewport;
  if (!seen) return () => {};
  const look = () => {
    // Who zooms in sees less of the page, and nothing covers it.
    const covered = seen.scale > 1.01 ? 0 : Math.max(0, Math.round(innerHeight - seen.height));
    document.documentElement.style.setProperty("--keyboard", `${covered}px`);
    // It moves the page up to show the field, which it need not any more.
    if (covered > 0 && scrollY > 0) scrollTo(0, 0);
  };
  look();
  seen.addEventListener("resize", look);
  seen.addEventListener("scroll", look);
  return () => {
    seen.removeEventListener("resize", look);
    seen.removeEventListener("scroll", look);
  };
}
