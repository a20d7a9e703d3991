// Where the focus goes when what had it is not there any more.

/** To the conversation that is shown, in the list, or to the first of the list, or to the field. */
export function focusList(): void {
  const at =
    document.querySelector<HTMLElement>(".list-items li.here > a") ??
    document.querySelector<HTMLElement>(".list-items li > a");
  const isThere = at?.checkVisibility({ visibilityProperty: true }) ?? false;
  (isThere ? at : document.getElementById("question"))?.focus();
}
