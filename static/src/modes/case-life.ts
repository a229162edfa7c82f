/// "Où en est-on": where a case stands, what can be done now, and « Annuler » after each act. Who acts second on a case that
/// somebody else has changed meanwhile loses nothing that was typed, and sees where it stands now.
import { isAbort, serverNow } from '../api/client';
import { noteRefusal } from '../api/desks';
import { fetchLife, type Life, lived, makeMove, type NewMove, setConflict, undoMove } from '../api/life';
import type { Case } from '../api/types';
import { mayWrite } from '../state/session';
import { label, t, type TextKey } from '../text';
import { clock, date } from '../text/format';
import { announce, notice } from '../ui/announce';
import { fact } from '../ui/controls';
import { type Child, fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { problemBox, type Said, skeleton } from '../ui/problems';
import { dangerBanner } from './case-facts';
import type { Context } from './context';
import { confirmByReference, form, today } from './desk-parts';
import { actForm, type ActFacts, actWord } from './life-forms';
import { lifeRecord } from './life-record';
import { isChangedMeanwhile, moveWords, offered, refusalWords, saidOfMove, standing } from './life-words';
import { waits } from './tones';

/// How a volunteer can be asked for a case now: for the first time, or after somebody else.
export type Offer = 'propose' | 'hand_over';

export interface CaseLife {
  /// What to do first when somebody is in danger; empty otherwise.
  readonly danger: HTMLElement;
  /// Where the case stands and what can be done.
  readonly element: HTMLElement;
  /// What was done.
  readonly record: HTMLElement;
  /// How a volunteer can be asked now, if at all.
  offer(): Offer | null;
  ask(volunteer: number, name: string): Promise<void>;
  /// Whether a volunteer is not to be proposed here.
  bar(volunteer: number, name: string, holds: boolean): Promise<void>;
  /// The list tells something new of the case.
  update(next: Case): void;
  redraw(): void;
  leave(): void;
}

export interface LifeHooks {
  /// What can be done has changed.
  onLife(): void;
  /// Leads to where a volunteer is chosen.
  choose(): void;
  /// The case is gone.
  onGone(): void;
}

const CALLS: Readonly<Record<string, readonly string[]>> = { danger_immediat: ['15', '112'], idees_suicidaires: ['3114', '15'] };

interface Status {
  readonly text: string;
  readonly problem?: Said;
  /// What takes it back, where the last move is not what was done.
  readonly undo?: () => Promise<void>;
}

export function caseLife(ctx: Context, first: Case, hooks: LifeHooks): CaseLife {
  let one = first;
  let life: Life | null = null;
  let status: Status | null = null;
  let busy = false;
  let running: AbortController | null = null;
  let undoTimer: ReturnType<typeof setTimeout> | undefined;
  /// The act whose form is open.
  let open: string | null = null;
  let moreOpen = false;

  const alarm = h('div', { class: 'life-alarm' });
  const danger = h('div', { class: 'life-danger' }, alarm);
  const where = h('div', { class: 'life-where' });
  const statusBox = h('div', { class: 'life-status', role: 'status', tabindex: '-1' });
  const acts = h('div', { class: 'life-acts' });
  const formBox = h('div', { class: 'life-form' });
  const element = h('section', { class: 'life', 'aria-label': t('life.title') }, h('h3', {}, t('life.title')), where, statusBox, acts, formBox);
  const record = lifeRecord(one.id, (text) => void after(text));

  // ---- what is known

  const p = () => lived(one);

  function nameOf(id: number | null | undefined): string | null {
    return ctx.data.volunteers.get().value.find((other) => other.id === id)?.properties.name ?? null;
  }

  function facts(): ActFacts {
    return { p: p(), name: nameOf(p().volunteer_id) ?? t('life.somebody'), volunteers: ctx.data.volunteers.get().value };
  }

  function load(): Promise<void> {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    return fetchLife(one.id, mine.signal)
      .then((next) => {
        if (mine.signal.aborted) return;
        life = next;
        record.draw(next);
        draw();
        hooks.onLife();
      })
      .catch((error: unknown) => {
        if (isAbort(error) || mine.signal.aborted) return;
        if (life === null) fill(acts, problemBox(saidOfMove(error), () => void load()));
      });
  }

  // ---- where it stands

  function drawWhere(): void {
    const now = p();
    const day = today();
    const due = (on: string, word: TextKey): Child => (on <= day ? h('strong', { class: 'late' }, t(word, { date: date(on) })) : date(on));
    const backup = nameOf(now.backup_id);
    fill(
      where,
      h('p', { class: 'life-standing' }, standing(now, facts().name, serverNow())),
      now.danger !== true && now.danger_cleared_on !== undefined && h('p', { class: 'hint' }, t('life.danger_cleared', { date: date(now.danger_cleared_on) })),
      h(
        'dl',
        { class: 'life-facts' },
        now.last_contact_on !== undefined && fact(t('life.fact.last'), date(now.last_contact_on)),
        now.next_contact_on !== undefined && fact(t('life.fact.next'), now.next_contact_on < day ? due(now.next_contact_on, 'life.fact.late') : date(now.next_contact_on)),
        now.review_on !== undefined && fact(t('life.fact.review'), due(now.review_on, 'life.fact.due')),
        backup !== null && fact(t('life.fact.backup'), backup),
        (now.needs ?? []).length > 0 && fact(t('life.needs'), (now.needs ?? []).map((code) => label('life.need', code)).join(', ')),
      ),
    );
  }

  function drawDanger(): void {
    const now = p();
    if (now.danger !== true) {
      alarm.replaceChildren();
      return;
    }
    const signs = now.signs ?? [];
    const numbers = [...new Set(signs.flatMap((sign) => CALLS[sign] ?? []))];
    const begins = life?.acts.includes('clear_danger') === true && mayWrite() && open !== 'clear_danger';
    // The form stands beside it: what is being typed keeps the focus.
    fill(
      alarm,
      dangerBanner(signs),
      h('p', { class: 'life-calls' }, numbers.map((number) => h('a', { class: 'button button-warn', href: `tel:${number}` }, icon('call'), t('life.call', { number }))), begins && actButton('clear_danger', 'button')),
    );
  }

  // ---- what was just done

  function undoable(): boolean {
    // What was taken back has made a version of its own: nothing before it can be taken back any more.
    if (life === null || life.undo_until_at === null || life.moves.at(-1)?.act === 'undo') return false;
    return Date.parse(life.undo_until_at) > serverNow();
  }

  function drawStatus(): void {
    clearTimeout(undoTimer);
    const last = life?.moves.filter((move) => !move.undone && move.act !== 'undo').at(-1);
    const until = life?.undo_until_at ?? null;
    const possible = status?.undo !== undefined || undoable();
    const text = status?.text ?? (possible && last ? moveWords(last) : '');
    if (status?.problem) {
      fill(statusBox, problemBox(status.problem, null));
      return;
    }
    if (text === '' || !mayWrite()) {
      statusBox.replaceChildren();
      return;
    }
    const undo = status?.undo ?? takeBack;
    fill(
      statusBox,
      h(
        'div',
        { class: 'callout callout-good life-done' },
        icon('check'),
        h('div', {}, h('strong', {}, text), possible && status?.undo === undefined && until !== null && h('span', { class: 'hint' }, t('life.undo_until', { time: clock(until) }))),
        possible && h('button', { type: 'button', class: 'button', 'aria-label': t('life.undo_of', { what: text }), on: { click: () => void act(undo) } }, t('life.undo')),
      ),
    );
    if (possible && until !== null) undoTimer = setTimeout(drawStatus, Math.min(2 ** 31 - 1, Math.max(1000, Date.parse(until) - serverNow() + 500)));
  }

  /// Says what was done and shows the case anew, with the focus where it is said.
  async function after(text: string, undo?: () => Promise<void>): Promise<void> {
    status = { text, ...(undo === undefined ? {} : { undo }) };
    await ctx.data.refreshCases();
    await load();
    drawStatus();
    statusBox.focus({ preventScroll: true });
    statusBox.scrollIntoView({ block: 'nearest' });
  }

  function fail(said: Said): void {
    status = { text: '', problem: said };
    drawStatus();
    statusBox.focus({ preventScroll: true });
    statusBox.scrollIntoView({ block: 'nearest' });
  }

  /// Does something once; what goes wrong is said where what was done is said.
  async function act(work: () => Promise<void>): Promise<void> {
    if (busy) return;
    busy = true;
    element.setAttribute('aria-busy', 'true');
    try {
      await work();
    } catch (error) {
      if (isChangedMeanwhile(error)) {
        await ctx.data.refreshCases();
        await load();
        fail({ title: t('life.changed'), next: t('life.changed_one') });
      } else fail(saidOfMove(error));
    } finally {
      busy = false;
      element.removeAttribute('aria-busy');
    }
  }

  async function takeBack(): Promise<void> {
    await undoMove(one.id);
    closeForm(false);
    await after(t('life.undone'));
  }

  /// One move on the case as it was seen.
  async function move(wanted: NewMove, name: string): Promise<void> {
    if (life === null) return;
    await makeMove(one.id, life.version, wanted);
    await after(doneWords(wanted, name));
  }

  function doneWords(wanted: NewMove, name: string): string {
    const met = wanted.visit !== undefined && wanted.visit.kind !== 'no_answer';
    return t(`life.done.${wanted.act === 'contact' && met && p().state === 'accepted' ? 'begin' : wanted.act}` as TextKey, { name });
  }

  // ---- what can be done

  function actButton(code: string, look: string): HTMLElement {
    return h(
      'button',
      {
        type: 'button',
        class: look,
        'data-act': code,
        on: { click: () => begin(code) },
      },
      code === 'raise_danger' && icon('warning'),
      actWord(code, facts()),
    );
  }

  function drawActs(): void {
    if (life === null) {
      if (acts.childElementCount === 0) fill(acts, skeleton(2));
      return;
    }
    if (!mayWrite()) {
      acts.replaceChildren();
      return;
    }
    const { main, atHand, rest } = offered(life.acts, p(), today());
    const refusal = life.acts.includes('close') ? ['refuse'] : [];
    const others = [...rest, ...(waits(one) ? [] : refusal)];
    const focused = acts.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset['act'] : undefined;
    const details = h(
      'details',
      { class: 'life-more', open: moreOpen },
      h('summary', {}, t('life.more')),
      h('div', { class: 'life-buttons' }, others.map((code) => actButton(code, 'button button-quiet'))),
    );
    details.addEventListener('toggle', () => {
      moreOpen = details.open;
    });
    fill(
      acts,
      main !== null && actButton(main, 'button button-main button-big'),
      h(
        'div',
        { class: 'life-buttons' },
        atHand.map((code) => actButton(code, 'button')),
        waits(one) && refusal.map((code) => actButton(code, 'button')),
        life.acts.includes('raise_danger') && p().danger !== true && actButton('raise_danger', 'button button-danger'),
      ),
      others.length > 0 && details,
    );
    if (focused !== undefined) acts.querySelector<HTMLElement>(`[data-act="${focused}"]`)?.focus({ preventScroll: true });
  }

  function begin(code: string): void {
    status = null;
    if (code === 'propose' || code === 'hand_over') {
      closeForm(false);
      hooks.choose();
      return;
    }
    const { name } = facts();
    if (code === 'refuse') showForm(code, actWord(code, facts()), [h('p', {}, t('informing.refuse_what')), h('p', {}, h('strong', {}, t('desk.irreversible'))), refusalForm()]);
    else if (actForm(code, facts()) === null) void act(() => move({ act: code }, name));
    else moveForm(code, name);
  }

  function refusalForm(): HTMLElement {
    const { reference } = one.properties;
    return confirmByReference(reference, t('informing.refuse_do', { reference }), async () => {
      await noteRefusal(one.id);
      notice(t('informing.refuse_done', { reference }), null, 'good');
      await ctx.data.refreshCases();
      hooks.onGone();
    });
  }

  function moveForm(code: string, name: string): void {
    const fields = actForm(code, facts());
    if (fields === null || life === null) return;
    // The case as it was when the form was opened: what somebody else does meanwhile is told before anything is noted.
    let version = life.version;
    const conflict = h('div', {});
    const made = form({
      button: fields.button,
      busy: t('life.form.working'),
      look: fields.look,
      content: [conflict, fields.content],
      aside: h('button', { type: 'button', class: 'button button-quiet', on: { click: () => closeForm(true) } }, t('common.leave_it')),
      check: fields.check,
      async work() {
        const wanted = fields.read();
        const text = doneWords(wanted, name);
        try {
          await makeMove(one.id, version, wanted);
        } catch (error) {
          if (!isChangedMeanwhile(error)) throw error;
          version = await meanwhile(code, conflict, version);
          return;
        }
        closeForm(false);
        await after(text);
      },
      refused(problem) {
        if (problem.code === 'wrong_day') fields.wrongDay();
        return refusalWords(problem.code) ?? false;
      },
    });
    showForm(code, fields.title, made);
  }

  /// Somebody else was first: what is typed stays, and where the case stands now is said. Answers the version that is now.
  async function meanwhile(code: string, box: HTMLElement, before: number): Promise<number> {
    await ctx.data.refreshCases();
    await load();
    const still = life?.acts.includes(code) === true;
    const callout = h(
      'div',
      { class: 'callout callout-bad conflict', role: 'alert', tabindex: '-1' },
      icon('warning'),
      h(
        'div',
        {},
        h('strong', {}, t('life.changed')),
        h('p', {}, t('life.changed_next')),
        h('p', { class: 'life-standing' }, standing(p(), facts().name, serverNow())),
        lastMove() !== null && h('p', { class: 'hint' }, lastMove()),
        h('p', {}, t(still ? 'life.changed_again' : 'life.changed_over')),
      ),
    );
    fill(box, callout);
    callout.focus();
    callout.scrollIntoView({ block: 'center' });
    return life?.version ?? before;
  }

  function lastMove(): string | null {
    const last = life?.moves.at(-1);
    if (last === undefined) return null;
    return `${moveWords(last)} ${last.who === null ? t('life.by_service') : t('life.by', { who: last.who })}`;
  }

  function showForm(code: string, title: string, content: Child): void {
    open = code;
    const heading = h('h4', { tabindex: '-1' }, title);
    const box = code === 'clear_danger' ? danger : element;
    box.append(formBox);
    fill(formBox, h('section', { class: 'life-form-box', 'aria-label': title }, heading, content));
    formBox.onkeydown = (event) => {
      // What is being typed is not thrown away by a key.
      if (event.key === 'Escape') event.preventDefault();
    };
    drawStatus();
    drawDanger();
    heading.focus({ preventScroll: true });
    formBox.scrollIntoView({ block: 'nearest' });
  }

  function closeForm(focus: boolean): void {
    const code = open;
    open = null;
    formBox.replaceChildren();
    element.append(formBox);
    drawDanger();
    if (focus && code !== null) [element, danger].flatMap((box) => [...box.querySelectorAll<HTMLElement>(`[data-act="${code}"]`)])[0]?.focus();
  }

  function draw(): void {
    drawWhere();
    drawDanger();
    drawStatus();
    drawActs();
  }

  // ---- volunteers

  function offer(): Offer | null {
    if (!mayWrite() || life === null) return null;
    if (life.acts.includes('propose')) return 'propose';
    return life.acts.includes('hand_over') ? 'hand_over' : null;
  }

  draw();
  void load();
  return {
    danger,
    element,
    record: record.element,
    offer,
    async ask(volunteer, name) {
      const how = offer();
      if (how !== null) await act(() => move({ act: how, volunteer_id: volunteer }, name));
    },
    bar: (volunteer, name, holds) =>
      act(async () => {
        await setConflict(one.id, volunteer, holds);
        const back = async (): Promise<void> => {
          await setConflict(one.id, volunteer, !holds);
          await after(t(holds ? 'life.done.conflict_back' : 'life.done.conflict', { name }));
        };
        await after(t(holds ? 'life.done.conflict' : 'life.done.conflict_back', { name }), back);
        announce(t(holds ? 'life.done.conflict' : 'life.done.conflict_back', { name }));
      }),
    update(next) {
      const changed = JSON.stringify(next.properties) !== JSON.stringify(one.properties);
      one = next;
      draw();
      if (changed) void load();
    },
    redraw: draw,
    leave() {
      clearTimeout(undoTimer);
      running?.abort();
    },
  };
}
