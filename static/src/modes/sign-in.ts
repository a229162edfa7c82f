/// "Se connecter": name and password, and a code when the account has a second step. What is refused is said calmly, and
/// the same whatever was wrong.
import { Refused } from '../api/client';
import { signIn } from '../api/session';
import { bag } from '../state/cell';
import { formatRoute } from '../state/route';
import { asked, session } from '../state/session';
import { t } from '../text';
import { announce } from '../ui/announce';
import { fill, h } from '../ui/dom';
import { type Field, passwordField, textField } from '../ui/fields';
import { icon } from '../ui/icons';
import { problemBox, waiting } from '../ui/problems';
import type { Enter } from './context';
import { said } from './refusals';

export const enterSignIn: Enter = (ctx) => {
  const undo = bag();
  const over = asked.get() === 'password';
  let busy = false;
  let codeWanted = false;
  let waitUntil = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  const login = textField({ label: t('sign_in.login'), autocomplete: 'username', name: 'username', maxlength: 120 });
  const password = passwordField({ label: t('sign_in.password'), autocomplete: 'current-password', name: 'password' });
  const code = textField({
    label: t('sign_in.code'),
    hint: t('sign_in.code_hint'),
    autocomplete: 'one-time-code',
    name: 'code',
    numeric: true,
    maxlength: 8,
  });
  code.input.classList.add('digits');
  const first = h('div', { class: 'form-part' }, login.element, password.element);
  const second = h('div', { class: 'form-part' }, code.element);
  second.hidden = true;
  code.input.required = false;
  const problem = h('div', { 'aria-live': 'polite' });
  const submitButton = h('button', { type: 'submit', class: 'button button-main button-wide' }, t('sign_in.submit'));
  const again = h(
    'button',
    { type: 'button', class: 'button button-quiet', on: { click: () => askCode(false) } },
    t('sign_in.other_account'),
  );
  again.hidden = true;
  const form = h(
    'form',
    {
      class: 'form',
      method: 'post',
      novalidate: true,
      'aria-label': t('sign_in.title'),
      on: {
        submit: (event) => {
          event.preventDefault();
          void submit();
        },
      },
    },
    first,
    second,
    problem,
    submitButton,
    again,
  );

  function askCode(wanted: boolean): void {
    codeWanted = wanted;
    first.hidden = wanted;
    second.hidden = !wanted;
    again.hidden = !wanted;
    problem.replaceChildren();
    if (wanted) announce(t('sign_in.code_asked'));
    else {
      code.input.value = '';
      password.input.value = '';
    }
    (wanted ? code : login).input.focus();
  }

  function missing(field: Field, text: string): boolean {
    if (field.input.value.trim() !== '') return false;
    field.fail(text);
    return true;
  }

  function tell(title: string, next: string): void {
    fill(problem, h('div', { class: 'callout callout-note' }, icon('warning'), h('div', {}, h('strong', {}, title), h('p', {}, next))));
  }

  function countDown(seconds: number): void {
    waitUntil = Date.now() + seconds * 1000;
    submitButton.setAttribute('aria-disabled', 'true');
    tell(t('sign_in.throttled'), waiting(seconds));
    // The passing seconds are for the eyes; the voice hears the beginning and the end.
    const rest = h('p', { class: 'countdown', 'aria-hidden': 'true' });
    problem.querySelector('.callout > div')?.append(rest);
    clearInterval(timer);
    const tick = (): void => {
      const left = Math.ceil((waitUntil - Date.now()) / 1000);
      rest.textContent = `${Math.floor(left / 60)}:${String(Math.max(0, left) % 60).padStart(2, '0')}`;
      if (left > 0) return;
      clearInterval(timer);
      submitButton.removeAttribute('aria-disabled');
      problem.replaceChildren();
      announce(t('sign_in.again'));
    };
    tick();
    timer = setInterval(tick, 500);
  }

  function refused(error: unknown): void {
    const { code: reason, retry_after_s: wait } = error instanceof Refused ? error.problem : {};
    switch (reason) {
      case 'second_factor_needed':
        askCode(true);
        return;
      case 'wrong_code':
        code.fail(t('sign_in.wrong_code'));
        code.input.select();
        return;
      case 'wrong_sign_in':
        if (codeWanted) askCode(false);
        tell(t('sign_in.wrong'), t('sign_in.wrong_next'));
        password.input.value = '';
        password.input.focus();
        return;
      case 'too_many_attempts':
        countDown(wait ?? 60);
        return;
      default:
        fill(problem, problemBox(said(error), null));
    }
  }

  async function submit(): Promise<void> {
    if (busy || Date.now() < waitUntil) return;
    problem.replaceChildren();
    if (codeWanted) {
      if (missing(code, t('sign_in.code_missing'))) {
        code.input.focus();
        return;
      }
    } else {
      const noLogin = missing(login, t('sign_in.login_missing'));
      const noPassword = password.input.value === '';
      if (noPassword) password.fail(t('sign_in.password_missing'));
      if (noLogin || noPassword) {
        (noLogin ? login : password).input.focus();
        return;
      }
    }
    busy = true;
    submitButton.setAttribute('aria-disabled', 'true');
    submitButton.textContent = t('sign_in.submitting');
    try {
      await signIn(login.input.value.trim(), password.input.value, codeWanted ? code.input.value.replace(/\s/g, '') : null);
    } catch (error) {
      submitButton.removeAttribute('aria-disabled');
      refused(error);
    } finally {
      busy = false;
      submitButton.textContent = t('sign_in.submit');
    }
  }

  fill(
    ctx.panel.list,
    h(
      'section',
      { class: 'page card' },
      h('h1', {}, t('sign_in.title')),
      h('p', { class: 'lead' }, t('sign_in.lead')),
      over && h('div', { class: 'callout callout-plain' }, icon('clock'), h('div', {}, h('strong', {}, t('sign_in.over')), h('p', {}, t('sign_in.over_next')))),
      session.get()?.demonstration && h('p', { class: 'callout callout-demo' }, t('sign_in.demonstration')),
      form,
      h('p', { class: 'hint' }, t('sign_in.forgotten')),
      session.get()?.known_device &&
        h('button', { type: 'button', class: 'button button-quiet', on: { click: () => asked.set('pin') } }, icon('phone'), t('sign_in.use_pin')),
      h('a', { class: 'back-link', href: formatRoute({ mode: 'home' }), on: { click: () => asked.set('nothing') } }, icon('back'), t('sign_in.public')),
    ),
  );
  if (matchMedia('(min-width: 900px)').matches) login.input.focus({ preventScroll: true });
  undo.add(() => {
    clearInterval(timer);
    password.input.value = '';
    ctx.panel.clear();
  });
  return undo.empty;
};
