/// The screens that say one thing: that the page is still asking who is there, and that a mode is not for this role.
import { account, roles } from '../state/session';
import { t } from '../text';
import { fill, h } from '../ui/dom';
import { emptyBox, skeleton } from '../ui/problems';
import type { Enter } from './context';
import { rolesInWords } from './viewing';

export const enterWaiting: Enter = (ctx) => {
  fill(ctx.panel.list, h('div', { class: 'page' }, skeleton(3)));
  return () => ctx.panel.clear();
};

export const enterRefused: Enter = (ctx) => {
  const held = rolesInWords(roles());
  fill(
    ctx.panel.list,
    h(
      'section',
      { class: 'page' },
      h('h1', {}, t('session.refused')),
      emptyBox(account()?.name ?? '', held === '' ? t('session.nothing') : t('session.refused_next', { roles: held }), null),
    ),
  );
  return () => ctx.panel.clear();
};
