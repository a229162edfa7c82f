/// Help and settings: one dialog with the keys, the guides and the settings of this browser.
import coordination from '../../../docs/guide/coordination.md?raw';
import pilotage from '../../../docs/guide/pilotage.md?raw';
import { settings } from '../state/settings';
import { t } from '../text';
import { freshId, h } from './dom';
import { icon } from './icons';
import { markdown } from './markdown';

function key(...names: string[]): HTMLElement {
  return h('span', { class: 'keys' }, names.map((name) => h('kbd', {}, name)));
}

function guide(source: string): HTMLElement {
  const [first = '', ...rest] = source.trim().split('\n');
  return h('details', { class: 'guide' }, h('summary', {}, first.replace(/^# /, '')), markdown(rest.join('\n')));
}

let dialog: HTMLDialogElement | null = null;

function build(): HTMLDialogElement {
  const titleId = freshId('help');
  const check = h('input', {
    type: 'checkbox',
    'aria-describedby': `${titleId}-keys`,
    on: { change: () => settings.set({ ...settings.get(), singleKeys: check.checked }) },
  });
  check.checked = settings.get().singleKeys;
  const rows: [HTMLElement, string][] = [
    [key('/'), t('help.key_search')],
    [key('↑', '↓'), t('help.key_walk')],
    [key('Entrée'), t('help.key_open')],
    [key('Échap'), t('help.key_back')],
    [key('n'), t('help.key_new')],
    [key('?'), t('help.key_help')],
  ];
  const made = h(
    'dialog',
    { class: 'help', 'aria-labelledby': titleId },
    h(
      'div',
      { class: 'help-head' },
      h('h2', { id: titleId }, t('help.title')),
      h(
        'button',
        { type: 'button', class: 'icon-button', 'aria-label': t('common.close'), on: { click: () => made.close() } },
        icon('close'),
      ),
    ),
    h('p', { class: 'help-contact' }, t('help.contact')),
    h('h3', {}, t('help.guides')),
    guide(coordination),
    guide(pilotage),
    h('h3', {}, t('help.shortcuts')),
    h('dl', { class: 'shortcuts' }, rows.map(([keys, what]) => h('div', {}, h('dt', {}, keys), h('dd', {}, what)))),
    h('h3', {}, t('help.settings')),
    h('label', { class: 'check' }, check, h('span', {}, t('help.single_keys'))),
    h('p', { class: 'hint', id: `${titleId}-keys` }, t('help.single_keys_hint')),
  );
  made.addEventListener('click', (event) => {
    if (event.target === made) made.close();
  });
  document.body.append(made);
  return made;
}

export function openHelp(): void {
  dialog ??= build();
  if (!dialog.open) dialog.showModal();
}
