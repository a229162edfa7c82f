/// "Mon compte": who I am, what opens my account, where it is open.
import { endSession, fetchSessions, type OpenSession } from '../api/session';
import { bag } from '../state/cell';
import { account, session } from '../state/session';
import { t } from '../text';
import { dateTime } from '../text/format';
import { notice } from '../ui/announce';
import { fact } from '../ui/controls';
import { fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { problemBox, skeleton } from '../ui/problems';
import { deviceSection, passwordSection, secondFactorSection, section } from './account-keys';
import type { Enter } from './context';
import { emergencyButton, emergencyUntil } from './emergency';
import { said } from './refusals';
import { rolesInWords } from './viewing';

function identity(): HTMLElement {
  const me = account();
  return h(
    'dl',
    { class: 'facts' },
    fact(t('account.name'), me?.name ?? ''),
    fact(t('account.login'), me?.login ?? ''),
    fact(t('account.roles'), rolesInWords(me?.roles ?? [])),
  );
}

function sessionsSection(): HTMLElement {
  const list = h('ul', { class: 'cards' });
  const state = h('div', {});

  function row(one: OpenSession): HTMLElement {
    return h(
      'li',
      { class: 'card-row' },
      icon(one.kind === 'pin' ? 'phone' : 'key'),
      h(
        'div',
        { class: 'card-text' },
        h('strong', {}, t(one.kind === 'pin' ? 'account.session_pin' : 'account.session_password'), one.current && h('span', { class: 'tag tag-accompanied' }, t('account.session_current'))),
        h('span', { class: 'hint' }, t('account.session_times', { created: dateTime(one.created_at), seen: dateTime(one.seen_at) })),
      ),
      !one.current &&
        h(
          'button',
          {
            type: 'button',
            class: 'button',
            'aria-label': t('account.session_end_of', { created: dateTime(one.created_at) }),
            on: { click: () => void endOne(one) },
          },
          t('account.session_end'),
        ),
    );
  }

  async function endOne(one: OpenSession): Promise<void> {
    try {
      await endSession(one.id);
      notice(t('account.session_ended'), null, 'good');
      load();
    } catch (error) {
      fill(state, problemBox(said(error), load));
    }
  }

  function load(): void {
    if (list.childElementCount === 0) fill(state, skeleton(2));
    fetchSessions()
      .then((found) => {
        state.replaceChildren();
        fill(list, [...found].sort((a, b) => Number(b.current) - Number(a.current)).map(row));
      })
      .catch((error: unknown) => fill(state, problemBox(said(error), load)));
  }
  load();
  return section(t('account.sessions'), h('p', { class: 'hint' }, t('account.sessions_hint')), list, state);
}

export const enterAccount: Enter = (ctx) => {
  const undo = bag();
  const held = account()?.roles ?? [];
  const emergency = h('div', {});
  const showEmergency = (): void => {
    const button = emergencyButton();
    fill(
      emergency,
      (button !== null || emergencyUntil() !== null) &&
        section(t('emergency.title'), h('p', {}, t(button === null ? 'emergency.is_open' : 'emergency.what')), button),
    );
  };
  fill(
    ctx.panel.list,
    h(
      'div',
      { class: 'page' },
      h('h1', {}, t('account.title')),
      identity(),
      account()?.second_factor === 'required' && secondFactorSection(),
      held.includes('bienveilleur') && deviceSection(),
      passwordSection(),
      account()?.second_factor !== 'required' && secondFactorSection(),
      sessionsSection(),
      emergency,
    ),
  );
  undo.add(session.watch(showEmergency));
  undo.add(() => ctx.panel.clear());
  return undo.empty;
};
