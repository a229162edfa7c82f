/// "Registre": the register of processing and the impact assessment, written by the server from what it really does; to
/// read and to print.
import { fetchRegister, type RegisterName } from '../api/desks';
import { bag } from '../state/cell';
import type { PlainRoute } from '../state/route';
import { t } from '../text';
import { announce } from '../ui/announce';
import { fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { markdown } from '../ui/markdown';
import type { Enter } from './context';
import { hrefOf, nothing, source } from './desk-parts';

const DPIA = 'analyse-d-impact';

function nameOf(parts: readonly string[]): RegisterName {
  return parts[0] === DPIA ? 'dpia' : 'register';
}

export const enterRegister: Enter = (ctx) => {
  const undo = bag();
  let name = nameOf((ctx.route.get() as PlainRoute).parts);
  const state = h('div', {});
  const paper = h('article', { class: 'paper' });
  const links = ([['register', []], ['dpia', [DPIA]]] as const).map(([which, parts]) => ({
    which,
    link: h('a', { class: 'tab', href: hrefOf('register', parts) }, t(`register.${which}`)),
  }));
  fill(
    ctx.panel.list,
    h(
      'div',
      { class: 'desk desk-paper' },
      h(
        'header',
        { class: 'panel-head' },
        h('h1', {}, t('register.title')),
        h(
          'div',
          { class: 'desk-tools' },
          h('nav', { class: 'tabs', 'aria-label': t('register.which') }, links.map(({ link }) => link)),
          h('button', { type: 'button', class: 'button', on: { click: () => window.print() } }, icon('register'), t('register.print')),
        ),
      ),
      state,
      paper,
    ),
  );

  const text = source<string>(
    state,
    8,
    (signal) => fetchRegister(name, signal),
    (source_) => {
      if (source_.trim() === '') {
        fill(paper, nothing(t('register.empty'), t('register.empty_next')));
        return;
      }
      fill(paper, markdown(source_.trim(), 2));
      announce(t(`register.${name}`));
    },
  );

  function show(): void {
    for (const { which, link } of links) {
      if (which === name) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    text.load();
  }

  undo.add(
    ctx.route.changed((next) => {
      if (next.mode !== 'register' || nameOf(next.parts) === name) return;
      name = nameOf(next.parts);
      paper.replaceChildren();
      show();
    }),
  );
  undo.add(text.drop);
  undo.add(() => ctx.panel.clear());
  show();
  return undo.empty;
};
