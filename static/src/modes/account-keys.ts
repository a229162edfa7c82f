/// What opens one's account: the password, the second step, the short code of a phone.
import { Refused } from '../api/client';
import {
  changePassword,
  confirmSecondFactor,
  type Device,
  dropSecondFactor,
  fetchDevices,
  fetchSession,
  forgetDevice,
  registerDevice,
  startSecondFactor,
} from '../api/session';
import { bits, BITS_NEEDED, BITS_NEEDED_VOLUNTEER } from '../state/password';
import { account } from '../state/session';
import { t, tn } from '../text';
import { date } from '../text/format';
import { announce, notice } from '../ui/announce';
import { type Child, fill, freshId, h } from '../ui/dom';
import { passwordField, textField } from '../ui/fields';
import { icon } from '../ui/icons';
import { problemBox, skeleton } from '../ui/problems';
import { qrImage } from '../ui/qr';
import { PIN_LENGTH } from './pin';
import { said } from './refusals';

/// A titled part of the page.
export function section(title: string, ...content: Child[]): HTMLElement {
  return h('section', { class: 'page-section', 'aria-label': title }, h('h2', {}, title), content);
}

/// A form whose button waits while `work` runs; what is refused goes to `onRefused`, or is said above the button.
function form(button: string, content: readonly Child[], work: () => Promise<void>, onRefused: (code: string | undefined, error: Refused) => boolean): HTMLFormElement {
  let busy = false;
  const problem = h('div', { 'aria-live': 'polite' });
  const submit = h('button', { type: 'submit', class: 'button button-main' }, button);
  const run = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    submit.setAttribute('aria-disabled', 'true');
    problem.replaceChildren();
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refused) || !onRefused(error.problem.code, error)) fill(problem, problemBox(said(error), null));
    } finally {
      busy = false;
      submit.removeAttribute('aria-disabled');
    }
  };
  return h(
    'form',
    {
      class: 'form',
      method: 'post',
      novalidate: true,
      on: {
        submit: (event) => {
          event.preventDefault();
          void run();
        },
      },
    },
    content,
    problem,
    h('div', { class: 'form-actions' }, submit),
  );
}

export function passwordSection(): HTMLElement {
  const roles = account()?.roles ?? [];
  const needed = roles.length === 1 && roles[0] === 'bienveilleur' ? BITS_NEEDED_VOLUNTEER : BITS_NEEDED;
  const meterId = freshId('strength');
  const meter = h('meter', { id: meterId, class: 'strength', min: 0, max: needed, 'aria-label': t('account.strength') });
  const word = h('p', { class: 'hint strength-word', 'aria-live': 'polite' });
  const measure = (text: string): void => {
    const found = bits(text);
    meter.value = Math.min(found, needed);
    meter.classList.toggle('strength-enough', found >= needed);
    word.classList.toggle('good', found >= needed);
    word.textContent = text === '' ? '' : t(found >= needed ? 'account.strength_enough' : found >= needed / 2 ? 'account.strength_nearly' : 'account.strength_weak');
  };
  const login = h('input', { type: 'text', class: 'visually-hidden', name: 'username', autocomplete: 'username', value: account()?.login ?? '', tabindex: '-1', 'aria-hidden': 'true', readonly: true });
  const current = passwordField({ label: t('account.password_current'), autocomplete: 'current-password', name: 'current-password' });
  const next = passwordField({
    label: t('account.password_new'),
    hint: t(needed === BITS_NEEDED ? 'account.password_hint' : 'account.password_hint_volunteer'),
    autocomplete: 'new-password',
    name: 'new-password',
    onInput: measure,
  });
  const made = form(
    t('account.password_change'),
    [login, current.element, next.element, h('div', { class: 'strength-box' }, meter, word)],
    async () => {
      if (current.input.value === '' || next.input.value === '') {
        const empty = current.input.value === '' ? current : next;
        empty.fail(t('sign_in.password_missing'));
        empty.input.focus();
        return;
      }
      await changePassword(current.input.value, next.input.value);
      current.input.value = '';
      next.input.value = '';
      measure('');
      notice(t('account.password_changed'), t('account.password_changed_next'), 'good');
    },
    (code) => {
      if (code !== 'weak_password' && code !== 'wrong_password') return false;
      const wrong = code === 'weak_password' ? next : current;
      wrong.fail(t(code === 'weak_password' ? 'account.password_weak' : 'account.password_wrong'));
      wrong.input.focus();
      return true;
    },
  );
  return section(t('account.password'), made);
}

export function secondFactorSection(): HTMLElement {
  const body = h('div', { class: 'form' });

  function problem(error: unknown): void {
    const old = body.querySelector('.callout-bad');
    old?.remove();
    body.append(problemBox(said(error), null));
  }

  function showOff(): void {
    fill(
      body,
      h('p', {}, t('account.second_off')),
      h('div', { class: 'form-actions' }, h('button', { type: 'button', class: 'button', on: { click: () => void start() } }, icon('phone'), t('account.second_start'))),
    );
  }

  function showOn(required: boolean): void {
    fill(
      body,
      h('p', { class: 'good-line' }, icon('check'), h('span', {}, t('account.second_on'))),
      required
        ? h('p', { class: 'hint' }, t('account.second_required'))
        : h('div', { class: 'form-actions' }, h('button', { type: 'button', class: 'button', on: { click: () => void drop() } }, t('account.second_drop'))),
    );
  }

  async function start(): Promise<void> {
    try {
      const { secret, qr_svg: svg } = await startSecondFactor();
      const code = textField({ label: t('sign_in.code'), hint: t('account.second_code_hint'), autocomplete: 'one-time-code', numeric: true, maxlength: 8 });
      code.input.classList.add('digits');
      fill(
        body,
        h(
          'ol',
          { class: 'steps' },
          h('li', {}, t('account.second_step1')),
          h(
            'li',
            {},
            t('account.second_step2'),
            qrImage(svg, t('account.second_qr')),
            h('p', { class: 'hint' }, t('account.second_secret')),
            h('code', { class: 'command secret' }, secret.replace(/(.{4})(?=.)/g, '$1 ')),
          ),
          h('li', {}, t('account.second_step3')),
        ),
        form(
          t('account.second_confirm'),
          [code.element],
          async () => {
            await confirmSecondFactor(code.input.value.replace(/\s/g, ''));
            await fetchSession();
            notice(t('account.second_done'), null, 'good');
            showOn(false);
          },
          (refusal) => {
            if (refusal !== 'wrong_code') return false;
            code.fail(t('sign_in.wrong_code'));
            code.input.select();
            return true;
          },
        ),
        h('button', { type: 'button', class: 'button button-quiet', on: { click: showOff } }, t('common.leave_it')),
      );
      announce(t('account.second_step2'));
    } catch (error) {
      problem(error);
    }
  }

  async function drop(): Promise<void> {
    try {
      await dropSecondFactor();
      await fetchSession();
      notice(t('account.second_dropped'), null, 'good');
      showOff();
    } catch (error) {
      if (error instanceof Refused && error.problem.code === 'second_factor_required') showOn(true);
      else problem(error);
    }
  }

  const state = account()?.second_factor ?? 'off';
  if (state === 'on') showOn(false);
  else {
    showOff();
    // Asked for by the settings, and not set up yet.
    if (state === 'required') body.prepend(h('p', { class: 'callout callout-note' }, t('account.second_must')));
  }
  return section(t('account.second'), body);
}

export function deviceSection(): HTMLElement {
  const list = h('ul', { class: 'cards' });
  const state = h('div', {});
  const pin = passwordField({ label: t('account.pin'), hint: t('account.pin_hint'), autocomplete: 'off', numeric: true, maxlength: PIN_LENGTH });
  pin.input.classList.add('digits');
  const add = form(
    t('account.device_add'),
    [pin.element],
    async () => {
      const typed = pin.input.value.replace(/\D/g, '');
      if (typed.length !== PIN_LENGTH) {
        pin.fail(tn('pin.missing', PIN_LENGTH));
        pin.input.focus();
        return;
      }
      await registerDevice(typed);
      pin.input.value = '';
      notice(t('account.device_added'), t('account.device_added_next'), 'good');
      load();
      await fetchSession();
    },
    (code) => {
      if (code !== 'weak_pin') return false;
      pin.fail(t('account.pin_weak'));
      pin.input.select();
      return true;
    },
  );

  function row(one: Device): HTMLElement {
    return h(
      'li',
      { class: 'card-row' },
      icon('phone'),
      h(
        'div',
        { class: 'card-text' },
        h('strong', {}, t(one.current ? 'account.device_this' : 'account.device_other')),
        h('span', { class: 'hint' }, t('account.device_times', { created: date(one.created_at), expires: date(one.expires_at) })),
      ),
      h('button', { type: 'button', class: 'button', on: { click: () => void forget(one) } }, t('account.device_forget')),
    );
  }

  async function forget(one: Device): Promise<void> {
    try {
      await forgetDevice(one.id);
      notice(t('account.device_forgotten'), null, 'good');
      load();
      await fetchSession();
    } catch (error) {
      fill(state, problemBox(said(error), load));
    }
  }

  function load(): void {
    if (list.childElementCount === 0) fill(state, skeleton(1));
    fetchDevices()
      .then((found) => {
        state.replaceChildren();
        fill(list, found.map(row));
        add.hidden = found.some((one) => one.current);
      })
      .catch((error: unknown) => fill(state, problemBox(said(error), load)));
  }
  load();
  return section(t('account.device'), h('p', { class: 'hint' }, t('account.device_what')), list, state, add);
}
