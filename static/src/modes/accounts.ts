/// "Comptes": who may come in, and for what. The administration makes accounts, changes them, and reads no case.
import {
  type AccountRow,
  changeAccount,
  createAccount,
  endSessions,
  fetchAccounts,
  removeSecondFactor,
  setPassword,
} from '../api/desks';
import type { Problem, Role } from '../api/types';
import { bag } from '../state/cell';
import { bits, BITS_NEEDED, BITS_NEEDED_VOLUNTEER } from '../state/password';
import { account } from '../state/session';
import { codesOf, label, t, tn } from '../text';
import { count, date, dateTime } from '../text/format';
import { announce, notice } from '../ui/announce';
import { fact, fold, searchField } from '../ui/controls';
import { fill, freshId, h } from '../ui/dom';
import { type Field, passwordField, textField } from '../ui/fields';
import { icon } from '../ui/icons';
import type { Said } from '../ui/problems';
import { settle, walkable } from '../ui/walker';
import type { Enter } from './context';
import { choiceField, type Control, detailPage, failAt, form, hrefOf, idOf, listPage, nothing, openByAddress, part, source, twoSteps, unknownPage } from './desk-parts';
import { drawPassword } from './draw-password';
import { rolesInWords } from './viewing';

const ROW = '.row';
const byName = new Intl.Collator('fr', { numeric: true });

/// The roles in the order of the page's own list.
const ROLES = codesOf('roles') as Role[];

/// Those who can sign in come first.
function inOrder(accounts: readonly AccountRow[]): AccountRow[] {
  return [...accounts].sort((a, b) => Number(a.disabled) - Number(b.disabled) || byName.compare(a.name, b.name) || a.id - b.id);
}

/// What a password must reach for these roles, as the server has it.
function needed(roles: readonly Role[]): number {
  return roles.length === 1 && roles[0] === 'bienveilleur' ? BITS_NEEDED_VOLUNTEER : BITS_NEEDED;
}

// ---- a password that somebody else will get

interface PasswordBox {
  readonly element: HTMLElement;
  readonly field: Field;
  /// What was drawn and not changed since, to be shown once; `null` when it was typed.
  drawn(): string | null;
  roles(roles: readonly Role[]): void;
  empty(): void;
}

function passwordBox(title: string, roles: readonly Role[]): PasswordBox {
  const meter = h('meter', { id: freshId('strength'), class: 'strength', min: 0, 'aria-label': t('account.strength') });
  const word = h('p', { class: 'hint strength-word', 'aria-live': 'polite' });
  let least = needed(roles);
  let drawn: string | null = null;
  const field = passwordField({
    label: title,
    hint: ' ',
    autocomplete: 'new-password',
    onInput: () => {
      drawn = null;
      measure();
    },
  });
  const hint = field.element.querySelector('.hint') as HTMLElement;
  const measure = (): void => {
    const text = field.input.value;
    const found = bits(text);
    const enough = found >= least;
    hint.textContent = t(least === BITS_NEEDED ? 'accounts.password_hint' : 'accounts.password_hint_volunteer');
    meter.max = least;
    meter.value = Math.min(found, least);
    meter.classList.toggle('strength-enough', enough);
    word.classList.toggle('good', enough);
    word.textContent =
      text === '' ? '' : drawn !== null ? t('accounts.generated') : t(enough ? 'account.strength_enough' : found >= least / 2 ? 'account.strength_nearly' : 'account.strength_weak');
  };
  const generate = h(
    'button',
    {
      type: 'button',
      class: 'button',
      on: {
        click: () => {
          field.mend();
          drawn = drawPassword();
          field.input.value = drawn;
          measure();
        },
      },
    },
    icon('key'),
    t('accounts.generate'),
  );
  measure();
  return {
    element: h('div', { class: 'form-part' }, field.element, h('div', { class: 'strength-box' }, meter, word), h('div', { class: 'form-actions' }, generate)),
    field,
    drawn: () => drawn,
    roles(next) {
      least = needed(next);
      measure();
    },
    empty() {
      field.input.value = '';
      drawn = null;
      measure();
    },
  };
}

/// Shown once, after it has become valid.
function secretBox(name: string, secret: string): HTMLElement {
  const code = h('code', { class: 'command secret' }, secret);
  const copied = h('span', { class: 'hint good', 'aria-live': 'polite' });
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(secret);
      copied.textContent = t('desk.copied');
    } catch {
      getSelection()?.selectAllChildren(code);
      copied.textContent = t('desk.copy_failed');
    }
  }
  return h(
    'div',
    { class: 'callout callout-good secret-box', tabindex: '-1', role: 'group', 'aria-label': t('accounts.secret_title', { name }) },
    icon('key'),
    h(
      'div',
      {},
      h('strong', {}, t('accounts.secret_title', { name })),
      h('div', { class: 'secret-row' }, code, h('button', { type: 'button', class: 'button', on: { click: () => void copy() } }, t('desk.copy')), copied),
      h('p', {}, t('accounts.secret_hint')),
    ),
  );
}

// ---- name and roles

interface Who {
  readonly elements: readonly HTMLElement[];
  readonly name: Field;
  readonly reference: Field;
  readonly roles: Control & { chosen(): Role[] };
  check(): boolean;
  /// The reference, when the role asks for one.
  referenceOrNull(): string | null;
}

function who(known: AccountRow | null, onRoles: (roles: readonly Role[]) => void): Who {
  const name = textField({ label: t('accounts.name'), hint: t('accounts.name_hint'), autocomplete: 'off', maxlength: 200 });
  name.input.autocapitalize = 'words';
  name.input.value = known?.name ?? '';
  const reference = textField({ label: t('accounts.reference'), hint: t('accounts.reference_hint'), autocomplete: 'off', maxlength: 64 });
  reference.input.required = false;
  reference.input.value = known?.volunteer_reference ?? '';
  const look = (): void => {
    reference.element.hidden = !roles.chosen().includes('bienveilleur');
    onRoles(roles.chosen());
  };
  const roles = choiceField<Role>(
    t('accounts.roles'),
    t('accounts.roles_hint'),
    ROLES.map((role) => ({ value: role, label: label('roles', role), hint: label('accounts.role', role) })),
    known?.roles ?? [],
    true,
    look,
  );
  look();
  return {
    elements: [name.element, roles.element, reference.element],
    name,
    reference,
    roles,
    check() {
      if (name.input.value.trim() === '') return failAt(name, t('accounts.error.name'));
      if (roles.chosen().length === 0) return failAt(roles, t('accounts.error.roles'));
      return true;
    },
    referenceOrNull() {
      const text = reference.input.value.trim();
      return roles.chosen().includes('bienveilleur') && text !== '' ? text : null;
    },
  };
}

/// Says a refusal where it belongs.
function refusedAt(fields: Readonly<Record<string, readonly [Control, string] | undefined>>): (problem: Problem) => boolean | Said {
  return (problem) => {
    if (problem.code === 'password_needed') return { title: t('accounts.error.stronger'), next: t('accounts.error.stronger_next') };
    if (problem.code === 'last_administrator') return { title: t('accounts.error.last'), next: t('accounts.error.last_next') };
    const found = problem.code === 'weak_password' ? (fields['password'] ?? fields['new']) : fields[problem.field ?? ''];
    if (found === undefined) return false;
    const [control, text] = found;
    failAt(control, problem.code === 'conflict' && problem.field === 'login' ? t('accounts.error.login_taken') : text);
    return true;
  };
}

export const enterAccounts: Enter = (ctx) => {
  const undo = bag();
  let query = '';
  /// A password that has just become valid, to be shown with its account, once.
  let secret: { readonly id: number; readonly text: string } | null = null;

  const search = searchField(t('accounts.search'), (text) => {
    query = fold(text.trim());
    render();
  });
  const total = h('p', { class: 'count' });
  const list = h('ul', { class: 'rows', 'aria-label': t('accounts.list') });
  const state = h('div', {});
  const empty = h('div', {});
  walkable(list, ROW, search.input);
  fill(
    ctx.panel.list,
    listPage(
      t('accounts.title'),
      t('accounts.lead'),
      [h('a', { class: 'button button-main desk-new', href: hrefOf('accounts', ['nouveau']) }, icon('plus'), t('accounts.new')), search.element, total],
      state,
      list,
      empty,
    ),
  );

  const accounts = source(state, 6, fetchAccounts, () => {
    render();
    opened.arrive();
  });

  function row(one: AccountRow): HTMLElement {
    return h(
      'li',
      {},
      h(
        'a',
        { class: 'row', href: hrefOf('accounts', [one.id]), 'data-id': one.id },
        h(
          'span',
          { class: 'row-text' },
          h(
            'span',
            { class: 'row-main' },
            h('span', { class: 'row-name' }, one.name),
            h('span', { class: 'row-date' }, one.seen_at === null ? t('accounts.never_seen') : t('accounts.seen', { at: dateTime(one.seen_at) })),
          ),
          h(
            'span',
            { class: 'row-sub' },
            h('span', {}, rolesInWords(one.roles)),
            h('span', {}, t('accounts.login_is', { login: one.login })),
            h(
              'span',
              { class: 'row-tags' },
              one.id === account()?.id && h('span', { class: 'tag' }, t('accounts.yours')),
              one.second_factor && h('span', { class: 'tag tag-accompanied' }, t('accounts.second')),
              one.disabled && h('span', { class: 'tag tag-waiting' }, t('accounts.disabled')),
            ),
          ),
        ),
      ),
    );
  }

  function render(): void {
    const all = accounts.value();
    if (all === null) return;
    const shown = inOrder(all).filter((one) => fold(`${one.name} ${one.login} ${rolesInWords(one.roles)}`).includes(query));
    fill(list, shown.map(row));
    settle(list, ROW);
    const off = shown.filter((one) => one.disabled).length;
    const text = tn('accounts.count', shown.length, count(shown.length)) + (off > 0 ? `, ${tn('accounts.count_off', off, count(off))}` : '');
    total.textContent = shown.length === 0 ? '' : text;
    if (shown.length > 0) empty.replaceChildren();
    else if (query === '') fill(empty, nothing(t('accounts.empty'), t('accounts.empty_next')));
    else fill(empty, nothing(t('accounts.empty_search'), t('accounts.empty_search_next')));
    if (document.activeElement === search.input) announce(shown.length === 0 ? t('accounts.empty_search') : text, 500);
  }

  /// An account as it has become.
  function take(next: AccountRow): void {
    const others = (accounts.value() ?? []).filter((one) => one.id !== next.id);
    accounts.set([...others, next]);
  }

  function newAccount(): HTMLElement {
    const login = textField({ label: t('accounts.login'), hint: t('accounts.login_hint'), autocomplete: 'off', maxlength: 64 });
    const password = passwordBox(t('accounts.password'), []);
    const person = who(null, (roles) => password.roles(roles));
    const made = form({
      button: t('accounts.create'),
      content: [login.element, ...person.elements, password.element],
      aside: h('a', { class: 'button button-quiet', href: hrefOf('accounts') }, t('common.leave_it')),
      check() {
        if ([...login.input.value.trim()].length < 2) return failAt(login, t('accounts.error.login'));
        if (!person.check()) return false;
        return password.field.input.value !== '' || failAt(password.field, t('accounts.error.password_missing'));
      },
      async work() {
        const drawn = password.drawn();
        const next = await createAccount({
          login: login.input.value.trim(),
          name: person.name.input.value.trim(),
          roles: person.roles.chosen(),
          volunteer_reference: person.referenceOrNull(),
          password: password.field.input.value,
        });
        password.empty();
        secret = drawn === null ? null : { id: next.id, text: drawn };
        take(next);
        notice(t('accounts.created'), null, 'good');
        ctx.go({ mode: 'accounts', parts: [String(next.id)], params: {} }, 'replace');
      },
      refused: refusedAt({
        login: [login, t('accounts.error.login')],
        name: [person.name, t('accounts.error.name')],
        roles: [person.roles, t('accounts.error.roles')],
        volunteer_reference: [person.reference, t('accounts.error.reference')],
        password: [password.field, t('accounts.error.password')],
      }),
    });
    return detailPage(opened.back, t('accounts.new'), null, made);
  }

  function editPart(one: AccountRow): HTMLElement {
    const password = passwordBox(t('accounts.stronger_password'), one.roles);
    const stronger = h('div', { class: 'form-part' }, h('p', { class: 'callout callout-note' }, t('accounts.stronger')), password.element);
    const raised = (roles: readonly Role[]): boolean => needed(roles) > needed(one.roles);
    const person = who(one, (roles) => {
      stronger.hidden = !raised(roles);
      password.roles(roles);
    });
    const own = one.id === account()?.id;
    return part(
      t('accounts.edit'),
      own && h('p', { class: 'hint' }, t('accounts.own_hint')),
      form({
        button: t('accounts.save'),
        content: [...person.elements, stronger],
        check() {
          if (!person.check()) return false;
          return !raised(person.roles.chosen()) || password.field.input.value !== '' || failAt(password.field, t('accounts.error.password_missing'));
        },
        async work() {
          const roles = person.roles.chosen();
          const raising = raised(roles);
          const drawn = raising ? password.drawn() : null;
          const next = await changeAccount(one.id, {
            name: person.name.input.value.trim(),
            roles,
            volunteer_reference: person.referenceOrNull(),
            disabled: one.disabled,
            ...(raising ? { password: password.field.input.value } : {}),
          });
          password.empty();
          if (drawn !== null) secret = { id: one.id, text: drawn };
          take(next);
          const same = roles.length === one.roles.length && roles.every((role) => one.roles.includes(role));
          notice(t('accounts.saved'), same ? null : t('accounts.saved_roles'), 'good');
          opened.redraw(drawn === null);
          if (drawn !== null) ctx.panel.element.querySelector<HTMLElement>('.secret-box')?.focus();
        },
        refused: refusedAt({
          name: [person.name, t('accounts.error.name')],
          roles: [person.roles, t('accounts.error.roles')],
          volunteer_reference: [person.reference, t('accounts.error.reference')],
          password: [password.field, t('accounts.error.password')],
        }),
      }),
    );
  }

  function passwordPart(one: AccountRow): HTMLElement {
    const password = passwordBox(t('accounts.new_password'), one.roles);
    return part(
      t('accounts.reset'),
      h('p', {}, t('accounts.reset_what')),
      form({
        button: t('accounts.reset_do'),
        look: '',
        content: [password.element],
        check: () => password.field.input.value !== '' || failAt(password.field, t('accounts.error.password_missing')),
        async work() {
          const drawn = password.drawn();
          await setPassword(one.id, password.field.input.value);
          password.empty();
          notice(t('accounts.reset_done'), t('accounts.reset_done_next'), 'good');
          if (drawn === null) return;
          secret = { id: one.id, text: drawn };
          opened.redraw(false);
          ctx.panel.element.querySelector<HTMLElement>('.secret-box')?.focus();
        },
        refused: refusedAt({ new: [password.field, t('accounts.error.password')] }),
      }),
    );
  }

  function detail(one: AccountRow): HTMLElement {
    const own = one.id === account()?.id;
    const shown = secret?.id === one.id ? secret.text : null;
    const button = (text: string, look: string, work: () => Promise<void>): HTMLElement => form({ button: text, look, content: [], work, refused: refusedAt({}) });
    const change = async (disabled: boolean): Promise<void> => {
      const { name, roles, volunteer_reference: reference } = one;
      take(await changeAccount(one.id, { name, roles, volunteer_reference: reference, disabled }));
      notice(t(disabled ? 'accounts.disabled_done' : 'accounts.enabled_done'), null, 'good');
      opened.redraw(true);
    };
    return detailPage(
      opened.back,
      one.name,
      [
        h('span', {}, rolesInWords(one.roles)),
        own && h('span', { class: 'tag' }, t('accounts.yours')),
        one.demonstration && h('span', { class: 'tag' }, t('accounts.demonstration')),
        one.disabled && h('span', { class: 'tag tag-waiting' }, t('accounts.disabled')),
      ],
      shown !== null && secretBox(one.name, shown),
      h(
        'dl',
        { class: 'facts' },
        fact(t('accounts.login'), one.login),
        fact(t('accounts.state'), t(one.disabled ? 'accounts.state_off' : 'accounts.state_on')),
        fact(t('accounts.made'), date(one.created_at)),
        fact(t('accounts.last_seen'), one.seen_at === null ? t('accounts.never_seen') : dateTime(one.seen_at)),
        fact(t('accounts.second_factor'), t(one.second_factor ? 'accounts.second_on' : 'accounts.second_off')),
        one.roles.includes('bienveilleur') && fact(t('accounts.reference'), one.volunteer_reference ?? t('accounts.reference_none')),
      ),
      editPart(one),
      passwordPart(one),
      part(
        t('accounts.sessions'),
        h('p', {}, t('accounts.sessions_what')),
        button(t('accounts.sessions_do'), '', async () => {
          await endSessions(one.id);
          notice(t('accounts.sessions_done', { name: one.name }), null, 'good');
        }),
      ),
      part(
        t('accounts.factor'),
        h('p', {}, one.second_factor ? t('accounts.factor_what', { name: one.name }) : t('accounts.factor_none')),
        one.second_factor &&
          twoSteps(t('accounts.factor_do'), t('accounts.factor_sure'), 'button-warn', undefined, async () => {
            await removeSecondFactor(one.id);
            take({ ...one, second_factor: false });
            notice(t('accounts.factor_done', { name: one.name }), null, 'good');
            opened.redraw(true);
          }),
      ),
      one.disabled
        ? part(t('accounts.enable'), h('p', {}, t('accounts.enable_what')), button(t('accounts.enable_do'), 'button-main', () => change(false)))
        : part(
            t('accounts.disable'),
            h('p', {}, t(own ? 'accounts.disable_own' : 'accounts.disable_what')),
            !own && button(t('accounts.disable_do'), '', () => change(true)),
          ),
    );
  }

  const opened = openByAddress(ctx, 'accounts', ([first]) => {
    if (first === 'nouveau') return newAccount();
    const all = accounts.value();
    if (all === null) return null;
    const one = all.find((other) => other.id === idOf(first));
    return one ? detail(one) : unknownPage(opened.back, t('accounts.unknown'));
  });

  undo.add(opened.drop);
  undo.add(
    ctx.route.changed((next) => {
      if (next.mode === 'accounts' && next.parts[0] !== String(secret?.id)) secret = null;
    }),
  );
  undo.add(accounts.drop);
  undo.add(() => ctx.panel.clear());
  opened.arrive();
  accounts.load();
  return undo.empty;
};
