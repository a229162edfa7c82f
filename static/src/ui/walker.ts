/// A list that arrows walk: one tab stop, ↑ ↓ Home End move, Enter follows the link or presses the button.

/// `selector` finds the focusable of each row, in order. From the field that searches the list, ↓ goes into it and Enter
/// opens its first row.
export function walkable(list: HTMLElement, selector: string, search?: HTMLInputElement): void {
  search?.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' && focusFirst(list, selector)) event.preventDefault();
    if (event.key === 'Enter') list.querySelector<HTMLElement>(selector)?.click();
  });
  const stops = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>(selector)];
  list.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const all = stops();
    const at = all.indexOf(document.activeElement as HTMLElement);
    if (at === -1) return;
    const to =
      event.key === 'ArrowDown'
        ? Math.min(all.length - 1, at + 1)
        : event.key === 'ArrowUp'
          ? Math.max(0, at - 1)
          : event.key === 'Home'
            ? 0
            : event.key === 'End'
              ? all.length - 1
              : null;
    if (to === null) return;
    event.preventDefault();
    all[to]?.focus();
  });
  list.addEventListener('focusin', (event) => {
    const target = event.target as HTMLElement;
    if (!target.matches(selector)) return;
    for (const stop of stops()) stop.tabIndex = stop === target ? 0 : -1;
  });
}

/// After rows were made: exactly one is a tab stop (the current one, or the first).
export function settle(list: HTMLElement, selector: string): void {
  const all = [...list.querySelectorAll<HTMLElement>(selector)];
  const chosen = all.find((stop) => stop.getAttribute('aria-current') === 'true') ?? all[0];
  for (const stop of all) stop.tabIndex = stop === chosen ? 0 : -1;
}

/// Where ↓ goes from the search field.
function focusFirst(list: HTMLElement, selector: string): boolean {
  const first = list.querySelector<HTMLElement>(`${selector}[tabindex="0"]`) ?? list.querySelector<HTMLElement>(selector);
  first?.focus();
  return first !== null;
}
