/// Help and settings: one dialog with the guides of one's roles, the keys and the settings of this browser.
import type { Role } from '../api/types';
import { can, roles } from '../state/session';
import { settings } from '../state/settings';
import { t } from '../text';
import { freshId, h } from './dom';
import { icon } from './icons';
import { markdown } from './markdown';

const GUIDES = import.meta.glob<string>('../../../docs/guide/*.md', { query: '?raw', import: 'default', eager: true });
const GUIDE_OF: Readonly<Record<Role, string>> = {
  accueil: 'accueil',
  coordination: 'coordination',
  pilotage: 'pilotage',
  diffusion: 'pilotage',
  bienveilleur: 'benevole',
  dpo: 'dpo',
  administration: 'administration',
};

/// The guides of the roles held, the first one open.
function guides(): HTMLElement[] {
  const names = [...new Set(roles().map((role) => GUIDE_OF[role]))];
  const sources = names.flatMap(sourcesOf);
  return sources.map((source, i) => guide(source, i === 0 && sources.length === 1));
}

function sourcesOf(name: string): string[] {
  return Object.entries(GUIDES).filter(([path]) => path.endsWith(`/${name}.md`)).map(([, source]) => source);
}

/// The guide of those who report without an account.
export function relayGuide(): HTMLElement[] {
  return sourcesOf('relais').map((source) => guide(source, false));
}

function key(...names: string[]): HTMLElement {
  return h('span', { class: 'keys' }, names.map((name) => h('kbd', {}, name)));
}

function guide(source: string, open: boolean): HTMLElement {
  const [first = '', ...rest] = source.trim().split('\n');
  return h('details', { class: 'guide', open }, h('summary', {}, first.replace(/^# /, '')), markdown(rest.join('\n')));
}

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
    ...(can('accueil', 'coordination') ? [[key('n'), t('help.key_new')] as [HTMLElement, string]] : []),
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
    guides(),
    h('h3', {}, t('help.shortcuts')),
    h('dl', { class: 'shortcuts' }, rows.map(([keys, what]) => h('div', {}, h('dt', {}, keys), h('dd', {}, what)))),
    h('h3', {}, t('help.settings')),
    h('label', { class: 'check' }, check, h('span', {}, t('help.single_keys'))),
    h('p', { class: 'hint', id: `${titleId}-keys` }, t('help.single_keys_hint')),
  );
  made.addEventListener('click', (event) => {
    if (event.target === made) made.close();
  });
  made.addEventListener('close', () => made.remove());
  document.body.append(made);
  return made;
}

export function openHelp(): void {
  if (!document.querySelector('dialog[open]')) build().showModal();
}
