/// Builds elements: text is always text, never markup.

export type Child = Node | string | number | null | undefined | false | readonly Child[];

type Handlers = { readonly [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };

export interface Props {
  readonly class?: string | undefined;
  readonly id?: string | undefined;
  readonly on?: Handlers;
  readonly [attribute: string]: unknown;
}

function append(parent: Node, child: Child): void {
  if (child === null || child === undefined || child === false) return;
  if (Array.isArray(child)) {
    for (const one of child as readonly Child[]) append(parent, one);
    return;
  }
  parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
}

/// An element: `true` writes an empty attribute, `false`, `null` and `undefined` write none.
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === 'on') {
      for (const [type, handler] of Object.entries(value as Handlers)) {
        element.addEventListener(type, handler as EventListener);
      }
    } else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

export function fill(parent: Element, ...children: Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

let last = 0;
/// An id that no other element has.
export function freshId(prefix: string): string {
  last += 1;
  return `${prefix}-${last}`;
}
