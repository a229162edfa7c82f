/// "Voir en tant que…": a coordinator sees exactly what somebody else would get, and may change nothing meanwhile.
import { fetchViewers } from '../api/session';
import type { Viewer } from '../api/types';
import { session, viewingAs } from '../state/session';
import { label, t } from '../text';
import { fold, searchField } from '../ui/controls';
import { fill, freshId, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { emptyBox, problemBox, skeleton } from '../ui/problems';
import { settle, walkable } from '../ui/walker';
import { said } from './refusals';

export function rolesInWords(roles: readonly string[]): string {
  return roles.map((role) => label('roles', role)).join(', ');
}

/// Only one's own roles count: whoever looks as somebody else leaves that view first.
export function mayView(): boolean {
  return session.get()?.account?.roles.includes('coordination') ?? false;
}

export function openViewers(onChosen: (viewer: Viewer) => void): void {
  const titleId = freshId('viewers');
  let viewers: readonly Viewer[] = [];
  let query = '';
  const list = h('ul', { class: 'rows viewers' });
  const state = h('div', {});
  const search = searchField(t('viewing.search'), (text) => {
    query = fold(text.trim());
    render();
  });
  walkable(list, '.row');
  search.input.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown') return;
    event.preventDefault();
    list.querySelector<HTMLElement>('.row')?.focus();
  });

  function render(): void {
    const shown = viewers.filter((one) => fold(`${one.name} ${rolesInWords(one.roles)}`).includes(query));
    fill(
      list,
      shown.map((one) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              class: 'row',
              on: {
                click: () => {
                  dialog.close();
                  onChosen(one);
                },
              },
            },
            icon('account'),
            h('span', { class: 'row-text' }, h('span', { class: 'row-name' }, one.name), h('span', { class: 'row-sub' }, rolesInWords(one.roles))),
          ),
        ),
      ),
    );
    settle(list, '.row');
    fill(state, shown.length === 0 && emptyBox(t('viewing.none'), null, null));
  }

  function load(): void {
    fill(state, skeleton(4));
    fetchViewers()
      .then((found) => {
        viewers = found;
        render();
      })
      .catch((error: unknown) => fill(state, problemBox(said(error), load)));
  }

  const dialog = h(
    'dialog',
    { class: 'help dialog', 'aria-labelledby': titleId },
    h(
      'div',
      { class: 'help-head' },
      h('h2', { id: titleId }, t('viewing.title')),
      h('button', { type: 'button', class: 'icon-button', 'aria-label': t('common.close'), on: { click: () => dialog.close() } }, icon('close')),
    ),
    h('p', { class: 'lead' }, t('viewing.lead')),
    search.element,
    state,
    list,
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  search.input.focus();
  load();
}

export function viewingBanner(onLeave: () => void): HTMLElement | null {
  const viewer = viewingAs.get();
  return viewer === null
    ? null
    : h(
        'div',
        { class: 'banner banner-loud', role: 'status' },
        icon('eye'),
        h('p', {}, h('strong', {}, t('viewing.banner', { name: viewer.name })), ' ', t('viewing.banner_reads')),
        h('button', { type: 'button', class: 'button', on: { click: onLeave } }, t('viewing.leave')),
      );
}
