/// The working panel: a list, and a detail that slides over it. The list behind is out of reach while the detail is open.
import { h } from './dom';

export interface Panel {
  readonly element: HTMLElement;
  readonly list: HTMLElement;
  /// Opens the detail with this content; `focus` moves the focus to its heading.
  openDetail(content: HTMLElement, focus: boolean): void;
  closeDetail(): void;
  readonly detailOpen: () => boolean;
  clear(): void;
}

export function createPanel(): Panel {
  const list = h('div', { class: 'panel-list', id: 'liste', tabindex: '-1' });
  const detail = h('div', { class: 'panel-detail' });
  detail.hidden = true;
  const element = h('main', { class: 'panel' }, list, detail);
  const close = (): void => {
    detail.hidden = true;
    detail.replaceChildren();
    list.inert = false;
    element.classList.remove('panel-has-detail');
  };
  return {
    element,
    list,
    openDetail(content, focus) {
      const already = !detail.hidden;
      detail.replaceChildren(content);
      detail.hidden = false;
      detail.scrollTop = 0;
      detail.classList.toggle('slide-in', !already);
      list.inert = true;
      element.classList.add('panel-has-detail');
      if (focus) content.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
    },
    closeDetail: close,
    detailOpen: () => !detail.hidden,
    clear() {
      close();
      list.replaceChildren();
      list.scrollTop = 0;
    },
  };
}
