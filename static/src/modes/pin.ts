/// The short code of a volunteer's own phone: one big field, for thumbs and for eyes of any age.
import { Refused } from '../api/client';
import { signInWithPin } from '../api/session';
import { formatRoute } from '../state/route';
import { asked } from '../state/session';
import { t, tn } from '../text';
import { fill, h } from '../ui/dom';
import { passwordField } from '../ui/fields';
import { icon } from '../ui/icons';
import { problemBox } from '../ui/problems';
import type { Enter } from './context';
import { said } from './refusals';

export const PIN_LENGTH = 6;

export const enterPin: Enter = (ctx) => {
  let busy = false;
  const pin = passwordField({ label: t('pin.label'), hint: t('pin.hint'), autocomplete: 'off', name: 'pin', numeric: true, maxlength: PIN_LENGTH });
  pin.input.classList.add('digits', 'digits-big');
  const problem = h('div', { 'aria-live': 'polite' });
  const enter = h('button', { type: 'submit', class: 'button button-main button-wide button-big' }, t('pin.submit'));

  async function submit(): Promise<void> {
    if (busy) return;
    problem.replaceChildren();
    const typed = pin.input.value.replace(/\D/g, '');
    if (typed.length !== PIN_LENGTH) {
      pin.fail(tn('pin.missing', PIN_LENGTH));
      pin.input.focus();
      return;
    }
    busy = true;
    enter.setAttribute('aria-disabled', 'true');
    try {
      await signInWithPin(typed);
    } catch (error) {
      const reason = error instanceof Refused ? error.problem : null;
      if (reason?.code === 'device_unknown') {
        asked.set('password');
        return;
      }
      if (reason?.code === 'wrong_pin') {
        const left = /\d+/.exec(reason.detail ?? '')?.[0];
        pin.fail(left === undefined ? t('pin.wrong') : `${t('pin.wrong')} ${tn('pin.left', Number(left))}`);
        pin.input.value = '';
        pin.input.focus();
      } else fill(problem, problemBox(said(error), null));
    } finally {
      busy = false;
      enter.removeAttribute('aria-disabled');
    }
  }

  fill(
    ctx.panel.list,
    h(
      'section',
      { class: 'page card card-large' },
      h('h1', {}, t('pin.title')),
      h(
        'form',
        {
          class: 'form',
          method: 'post',
          novalidate: true,
          'aria-label': t('pin.title'),
          on: {
            submit: (event) => {
              event.preventDefault();
              void submit();
            },
          },
        },
        pin.element,
        problem,
        enter,
      ),
      h('button', { type: 'button', class: 'button button-wide', on: { click: () => asked.set('password') } }, icon('key'), t('pin.use_password')),
      h('a', { class: 'back-link', href: formatRoute({ mode: 'relays', id: null, kind: null, sticker: null }), on: { click: () => asked.set('nothing') } }, icon('back'), t('sign_in.public')),
    ),
  );
  pin.input.focus({ preventScroll: true });
  return () => {
    pin.input.value = '';
    ctx.panel.clear();
  };
};
