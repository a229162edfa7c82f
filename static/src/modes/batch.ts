/// "Proposer en lot": the best plan for all who wait and have agreed, line by line. The coordinator prefers somebody or rules
/// somebody out; what that would change is shown before it is taken over, and nothing is proposed before it is said.
import { fetchMatch, isAbort, Refused } from '../api/client';
import { fetchPlan, type Pair, type Plan, type PlanLine, proposeLines, type Remedy, type Unassigned, undoMove } from '../api/life';
import type { Case } from '../api/types';
import { bag } from '../state/cell';
import { formatRoute } from '../state/route';
import { account, mayWrite } from '../state/session';
import { label, t, tn } from '../text';
import { count, minutes, walk } from '../text/format';
import { announce } from '../ui/announce';
import { chips, select } from '../ui/controls';
import { type Child, fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { emptyBox, problemBox, type Said, skeleton } from '../ui/problems';
import { symbol } from '../ui/symbols';
import { settle, walkable } from '../ui/walker';
import type { Enter } from './context';
import { refusalWords, saidOfMove } from './life-words';
import { doorOf } from './match';
import { leftOutWords, pointsInWords, reasonAlone, termsOf } from './suit';
import { caseName, caseTone, placeName, quarterName } from './tones';

const PICK = '.batch-pick';
/// As many as one question may ask for: whoever is in the plan is among them, unless the coordinator passed over a constraint.
const MOST_MATCHES = 50;

/// How the coordinator has steered the plan; kept while the page lives, for the account that did.
let kept: { readonly account: number; readonly pins: readonly Pair[]; readonly exclusions: readonly Pair[] } | null = null;

/// The server takes a move back for ten minutes; the button goes a little earlier.
const UNDO_MS = 9.5 * 60_000;

const same = (a: Pair, b: Pair): boolean => a.case_id === b.case_id && a.volunteer_id === b.volunteer_id;
const pairOf = ({ case_id, volunteer_id }: Pair): Pair => ({ case_id, volunteer_id });

export const enterBatch: Enter = (ctx) => {
  const undo = bag();
  const { panel, data, map } = ctx;
  const own = account()?.id ?? -1;
  let pins: readonly Pair[] = kept?.account === own ? kept.pins : [];
  let exclusions: readonly Pair[] = kept?.account === own ? kept.exclusions : [];
  let plan: Plan | null = null;
  /// A plan that would take the place of the one that is shown.
  let next: { readonly plan: Plan; readonly pins: readonly Pair[]; readonly exclusions: readonly Pair[] } | null = null;
  let group: 'case' | 'volunteer' = 'case';
  let editing: number | null = null;
  let front: number | null = null;
  let inTheWay: number | null = null;
  let busy = false;
  let running: AbortController | null = null;
  let drawing: AbortController | null = null;
  let plannedFor = '';
  let undoTimer: ReturnType<typeof setTimeout> | undefined;

  const backHref = formatRoute({ mode: 'coordination', view: 'list', id: null, filter: 'waiting' });
  const total = h('p', { class: 'count' });
  const grouping = chips(
    t('batch.group'),
    [
      { value: 'case', label: t('batch.by_case') },
      { value: 'volunteer', label: t('batch.by_volunteer') },
    ],
    group,
    (value) => {
      group = value;
      render();
    },
    'segments',
  );
  const tools = h('div', { class: 'batch-tools' }, grouping.element);
  const statusBox = h('div', { class: 'batch-block batch-status', role: 'status', tabindex: '-1' });
  const staleBox = h('div', { class: 'batch-block' });
  const diffBox = h('div', { class: 'batch-block' });
  const list = h('div', { class: 'batch-list' });
  const foot = h('div', { class: 'batch-foot' });
  const rest = h('div', { class: 'batch-rest' });
  fill(
    panel.list,
    h(
      'header',
      { class: 'panel-head' },
      h('a', { class: 'back', href: backHref }, icon('back'), h('span', {}, t('batch.back'))),
      h('div', { class: 'panel-title' }, h('h1', { tabindex: '-1' }, t('batch.title')), h('p', { class: 'lead' }, t('batch.lead'))),
      total,
      tools,
    ),
    statusBox,
    staleBox,
    diffBox,
    list,
    foot,
    rest,
  );
  walkable(list, PICK);

  // ---- names

  const caseOf = (id: number): Case | undefined => data.cases.get().value.find((one) => one.id === id);
  const volunteerOf = (id: number) => data.volunteers.get().value.find((one) => one.id === id);
  const person = (id: number): string => {
    const one = caseOf(id);
    if (one === undefined) return t('batch.unknown');
    return one.properties.name.trim() === '' ? one.properties.reference : caseName(one);
  };
  const volunteerName = (id: number | null): string => (id === null ? t('batch.nobody') : (volunteerOf(id)?.properties.name ?? t('life.somebody')));

  // ---- asking

  /// What the plan depends on, as far as this page knows it.
  function known(): string {
    const cases = data.cases.get().value.map(({ id, properties: p }) => [id, p.state, p.danger, p.volunteer_id]);
    return JSON.stringify([cases, data.volunteers.get().value.map(({ id, properties: p }) => [id, p.active, p.free])]);
  }

  async function asking(question: { pins: readonly Pair[]; exclusions: readonly Pair[]; before?: readonly Pair[] }): Promise<Plan | null> {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    plannedFor = known();
    list.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetchPlan(question, mine.signal);
      return mine.signal.aborted ? null : answer;
    } catch (error) {
      if (isAbort(error) || mine.signal.aborted) return null;
      throw error;
    } finally {
      if (!mine.signal.aborted) list.removeAttribute('aria-busy');
    }
  }

  function saidOfPlan(error: unknown): Said {
    if (error instanceof Refused && error.problem.code === 'too_many') return { title: t('batch.too_many'), next: t('batch.too_many_next') };
    return saidOfMove(error);
  }

  /// The first plan, or one after nothing could be asked.
  function load(): void {
    if (plan === null) fill(list, skeleton(5));
    asking({ pins, exclusions })
      .then((answer) => {
        if (answer === null) return;
        // A choice that no longer holds is dropped.
        pins = pins.filter((pin) => !answer.refused_pins.some((refused) => same(pin, refused)));
        take(answer, pins, exclusions);
      })
      .catch((error: unknown) => {
        // What was chosen before may speak of a case that is gone.
        if (error instanceof Refused && error.problem.status === 404 && pins.length + exclusions.length > 0) {
          [pins, exclusions] = [[], []];
          load();
        } else fill(list, problemBox(saidOfPlan(error), load));
      });
  }

  function take(answer: Plan, nextPins: readonly Pair[], nextExclusions: readonly Pair[]): void {
    plan = answer;
    pins = nextPins;
    exclusions = nextExclusions;
    kept = { account: own, pins, exclusions };
    next = null;
    editing = null;
    staleBox.replaceChildren();
    render();
  }

  /// Asks what another choice would change, and shows that before it is taken over. `asked` is the choice just made.
  async function replan(nextPins: readonly Pair[], nextExclusions: readonly Pair[], asked: Pair | null): Promise<void> {
    if (plan === null || busy) return;
    busy = true;
    try {
      const before = plan.lines.map(pairOf);
      const answer = await asking({ pins: nextPins, exclusions: nextExclusions, before });
      if (answer === null) return;
      const refused = answer.refused_pins.find((one) => asked !== null && same(one, asked));
      if (refused) {
        const reasons = refused.reasons.map(reasonAlone).join(', ');
        fail({ title: t('batch.refused_pin', { name: volunteerName(refused.volunteer_id), person: person(refused.case_id), reasons }), next: t('life.refusal_next.same_volunteer') });
        return;
      }
      const holding = nextPins.filter((pin) => !answer.refused_pins.some((one) => same(pin, one)));
      if (differences(plan, answer).length === 0) {
        const line = asked?.case_id ?? null;
        take(answer, holding, nextExclusions);
        say(t('batch.same'));
        focusLine(line);
      } else {
        next = { plan: answer, pins: holding, exclusions: nextExclusions };
        editing = null;
        render();
        diffBox.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
        diffBox.scrollIntoView({ block: 'nearest' });
      }
    } catch (error) {
      fail(saidOfPlan(error));
    } finally {
      busy = false;
    }
  }

  interface Difference {
    readonly id: number;
    readonly before: number | null;
    readonly after: number | null;
    /// No longer waits.
    readonly gone: boolean;
  }

  function differences(before: Plan, after: Plan): Difference[] {
    const told = after.changed.map((line) => ({ id: line.case_id, before: line.before_volunteer_id, after: line.volunteer_id, gone: false }));
    const there = new Set([...after.lines, ...after.unassigned].map((line) => line.case_id));
    const gone = before.lines.filter((line) => !there.has(line.case_id)).map((line) => ({ id: line.case_id, before: line.volunteer_id, after: null, gone: true }));
    // Who was left over before and still is, is no difference; who waits only since then is one.
    const waited = new Set(before.unassigned.map((left) => left.case_id));
    return [...told.filter((line) => line.before !== null || line.after !== null || !waited.has(line.id)), ...gone];
  }

  // ---- what was done

  function say(text: string, takeBack: (() => Promise<void>) | null = null): void {
    inTheWay = null;
    const button = takeBack !== null && h('button', { type: 'button', class: 'button', 'aria-label': t('life.undo_of', { what: text }), on: { click: () => void guarded(takeBack) } }, t('life.undo'));
    clearTimeout(undoTimer);
    if (button) undoTimer = setTimeout(() => button.remove(), UNDO_MS);
    fill(
      statusBox,
      h(
        'div',
        { class: 'callout callout-good life-done' },
        icon('check'),
        h('div', {}, h('strong', {}, text)),
        button,
      ),
    );
    announce(text);
  }

  function fail(said: Said, onRetry: (() => void) | null = null): void {
    fill(statusBox, problemBox(said, null), onRetry && h('button', { type: 'button', class: 'button', on: { click: onRetry } }, t('batch.again')));
    statusBox.focus({ preventScroll: true });
    statusBox.scrollIntoView({ block: 'nearest' });
  }

  async function guarded(work: () => Promise<void>): Promise<void> {
    if (busy) return;
    busy = true;
    try {
      await work();
    } catch (error) {
      const field = error instanceof Refused ? /^case:(\d+)$/.exec(error.problem.field ?? '') : null;
      if (field && error instanceof Refused) stands(Number(field[1]), error.problem.code);
      else fail(saidOfMove(error));
    } finally {
      busy = false;
    }
  }

  /// One case stands in the way: nothing was proposed at all.
  function stands(id: number, code: string | undefined): void {
    inTheWay = id;
    const words = refusalWords(code)?.title;
    const why = words === undefined ? t('batch.in_the_way_gone') : words.charAt(0).toLocaleLowerCase('fr') + words.slice(1);
    render();
    fail({ title: t('batch.in_the_way', { person: person(id), why }), next: t('batch.in_the_way_next') }, again);
    list.querySelector(`[data-id="${id}"]`)?.scrollIntoView({ block: 'nearest' });
  }

  function again(): void {
    statusBox.replaceChildren();
    inTheWay = null;
    void data.refreshCases().then(() => replan(pins, exclusions, null));
  }

  async function propose(lines: readonly PlanLine[]): Promise<void> {
    const [one] = lines;
    if (one === undefined) return;
    await proposeLines(lines);
    const text = lines.length === 1 ? t('batch.done_one', { person: person(one.case_id), name: one.name }) : tn('batch.done', lines.length, count(lines.length));
    await renew(lines);
    say(text, () => takeBack(lines));
    statusBox.focus({ preventScroll: true });
    statusBox.scrollIntoView({ block: 'nearest' });
  }

  async function takeBack(lines: readonly PlanLine[]): Promise<void> {
    let back = 0;
    for (const line of lines) {
      try {
        await undoMove(line.case_id);
        back += 1;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
      }
    }
    await renew([]);
    if (back === lines.length) say(tn('batch.undone', back, count(back)));
    else fail({ title: t('batch.undone_partly'), next: tn('batch.undone', back, count(back)) });
    statusBox.focus({ preventScroll: true });
  }

  /// After something was proposed or taken back: what is left is planned anew, and a difference is shown first.
  async function renew(done: readonly PlanLine[]): Promise<void> {
    const gone = (pair: Pair): boolean => done.some((line) => line.case_id === pair.case_id);
    await data.refreshCases();
    const restPins = pins.filter((pin) => !gone(pin));
    const before = (plan?.lines ?? []).filter((line) => !gone(line));
    const answer = await asking({ pins: restPins, exclusions, before: before.map(pairOf) });
    if (answer === null || plan === null) return;
    const shown: Plan = { ...plan, lines: before };
    const moved = done.length > 0 ? differences(shown, answer) : [];
    if (moved.length === 0) take(answer, restPins, exclusions);
    else {
      plan = shown;
      pins = restPins;
      next = { plan: answer, pins: restPins, exclusions };
      render();
    }
  }

  // ---- the difference

  function drawDiff(): void {
    if (next === null || plan === null) {
      diffBox.replaceChildren();
      return;
    }
    const waiting = next;
    const lines = differences(plan, waiting.plan);
    const keep = (): void => {
      next = null;
      render();
      say(t('batch.kept'));
      focusLine(front);
    };
    fill(
      diffBox,
      h(
        'section',
        { class: 'batch-diff', 'aria-label': t('batch.diff') },
        h('h2', { class: 'section-title', tabindex: '-1' }, t('batch.diff')),
        h('p', {}, tn('batch.diff_lead', lines.length, count(lines.length))),
        h(
          'ul',
          { class: 'steps-list' },
          lines.map((line) => {
            const [before, after] = [volunteerName(line.before), line.gone ? t('batch.gone') : volunteerName(line.after)];
            return h(
              'li',
              { class: 'step' },
              h('span', { class: 'step-what' }, person(line.id)),
              h('span', { 'aria-hidden': 'true' }, h('s', {}, before), ' → ', h('strong', {}, after)),
              h('span', { class: 'visually-hidden' }, t('batch.diff_said', { before, after })),
            );
          }),
        ),
        waiting.plan.lines.length !== plan.lines.length && h('p', {}, tn('batch.diff_served', waiting.plan.lines.length, count(waiting.plan.lines.length), { before: count(plan.lines.length) })),
        waiting.plan.lines.length === plan.lines.length && h('p', { class: 'hint' }, t('batch.diff_points', { before: count(plan.points), after: count(waiting.plan.points) })),
        h(
          'div',
          { class: 'form-actions' },
          h(
            'button',
            {
              type: 'button',
              class: 'button button-main',
              on: {
                click: () => {
                  take(waiting.plan, waiting.pins, waiting.exclusions);
                  say(t('batch.taken'));
                  statusBox.focus({ preventScroll: true });
                },
              },
            },
            t('batch.take'),
          ),
          h('button', { type: 'button', class: 'button button-quiet', on: { click: keep } }, t('batch.keep')),
        ),
      ),
    );
  }

  // ---- the plan

  function focusLine(id: number | null): void {
    const row = id === null ? null : list.querySelector<HTMLElement>(`${PICK}[data-id="${id}"]`);
    (row ?? statusBox).focus({ preventScroll: row === null });
  }

  function figures(line: PlanLine): string {
    const time = line.duration_s === null ? t('batch.no_way') : t('units.walk', { time: minutes(line.duration_s) });
    return line.points === null ? time : `${time} · ${pointsInWords(line.points.total)}`;
  }

  function lineRow(line: PlanLine): HTMLElement {
    const one = caseOf(line.case_id);
    const who = person(line.case_id);
    const pick = h(
      'button',
      {
        type: 'button',
        class: 'batch-pick',
        'data-id': line.case_id,
        'aria-current': String(line.case_id === front),
        on: {
          click: () => bringForward(line, true),
          focus: () => bringForward(line, false),
        },
      },
      symbol(`case-${one ? caseTone(one) : 'waiting'}`),
      h(
        'span',
        { class: 'row-text' },
        h('span', { class: 'row-name' }, who),
        group === 'case' && h('span', { class: 'batch-to' }, h('span', { 'aria-hidden': 'true' }, t('batch.to', { name: line.name })), h('span', { class: 'visually-hidden' }, t('batch.to_said', { name: line.name }))),
        h(
          'span',
          { class: 'row-sub' },
          one && h('span', { class: 'reference' }, one.properties.reference),
          one && h('span', {}, placeName(data.quarters.get().value, one.properties)),
          h('span', {}, figures(line)),
          line.pinned && h('span', { class: 'tag tag-accompanied' }, t('batch.pinned')),
        ),
        line.passed_over.length > 0 && h('span', { class: 'late batch-over' }, t('batch.passed_over', { reasons: line.passed_over.map(reasonAlone).join(', ') })),
      ),
    );
    return h(
      'li',
      { class: line.case_id === inTheWay ? 'batch-line batch-wrong' : 'batch-line', 'data-line': line.case_id },
      pick,
      mayWrite() &&
        h(
          'div',
          { class: 'candidate-acts' },
          h('button', { type: 'button', class: 'button', 'aria-label': t('batch.propose_of', { person: who, name: line.name }), on: { click: () => void guarded(() => propose([line])) } }, t('batch.propose', { name: line.name })),
          h(
            'button',
            {
              type: 'button',
              class: 'button button-quiet',
              'data-edit': line.case_id,
              'aria-expanded': String(editing === line.case_id),
              'aria-label': t('batch.edit_of', { person: who }),
              on: {
                click: () => {
                  editing = editing === line.case_id ? null : line.case_id;
                  render();
                  list.querySelector<HTMLElement>(editing === null ? `[data-edit="${line.case_id}"]` : `[data-line="${line.case_id}"] .batch-edit select`)?.focus();
                },
              },
            },
            t('batch.edit'),
          ),
        ),
      editing === line.case_id && mayWrite() && editBox(line),
    );
  }

  function editBox(line: PlanLine): HTMLElement {
    let chosen = '';
    const pinsElsewhere = pins.filter((pin) => pin.case_id !== line.case_id);
    const others = data.volunteers
      .get()
      .value.filter((one) => one.properties.active && one.id !== line.volunteer_id)
      .sort((a, b) => a.properties.name.localeCompare(b.properties.name, 'fr'))
      .map((one) => ({ value: String(one.id), label: one.properties.name }));
    const field = select(t('batch.other'), [{ value: '', label: t('life.choose') }, ...others], '', (value) => {
      chosen = value;
    });
    const prefer = (): void => {
      if (chosen === '') {
        field.querySelector('select')?.focus();
        return;
      }
      const pin = { case_id: line.case_id, volunteer_id: Number(chosen) };
      void replan([...pinsElsewhere, pin], exclusions.filter((pair) => !same(pair, pin)), pin);
    };
    return h(
      'div',
      { class: 'batch-edit' },
      line.points !== null && h('p', { class: 'hint' }, termsOf(line.points, null, null)),
      h('div', { class: 'batch-other' }, field, h('button', { type: 'button', class: 'button', on: { click: prefer } }, t('batch.other_do'))),
      h(
        'div',
        { class: 'life-buttons' },
        h('button', { type: 'button', class: 'button button-quiet', on: { click: () => void replan(pinsElsewhere, [...exclusions, pairOf(line)], null) } }, t('batch.not_this', { name: line.name })),
        line.pinned && h('button', { type: 'button', class: 'button button-quiet', on: { click: () => void replan(pinsElsewhere, exclusions, null) } }, t('batch.unpin')),
        h('a', { class: 'button button-quiet', href: formatRoute({ mode: 'coordination', view: 'case', id: line.case_id, filter: 'waiting' }) }, t('batch.open_case')),
      ),
    );
  }

  function stopsOf(line: string): HTMLElement[] {
    return [...list.querySelectorAll<HTMLElement>(`[data-line="${line}"] > button, [data-line="${line}"] > .candidate-acts button`)];
  }

  /// Which button of which line has the focus, so that it has it again once the list is drawn anew.
  function focusedIn(): { readonly line: string; readonly nth: number } | null {
    const line = document.activeElement?.closest<HTMLElement>('[data-line]')?.dataset['line'];
    if (line === undefined || !list.contains(document.activeElement)) return null;
    return { line, nth: Math.max(0, stopsOf(line).indexOf(document.activeElement as HTMLElement)) };
  }

  function drawList(now: Plan): void {
    const at = focusedIn();
    if (group === 'case') fill(list, now.lines.length > 0 && h('ul', { class: 'batch-lines', 'aria-label': t('batch.lines') }, now.lines.map(lineRow)));
    else {
      fill(
        list,
        now.loads.map((load) =>
          h(
            'section',
            { class: 'batch-group', 'aria-label': load.name },
            h(
              'h2',
              { class: 'section-title' },
              load.name,
              ' ',
              h('span', { class: 'batch-load', 'aria-hidden': 'true' }, t('batch.load', { before: load.before, after: load.after, capacity: load.capacity })),
              h('span', { class: 'visually-hidden' }, t('batch.load_said', { before: load.before, after: load.after, capacity: load.capacity })),
            ),
            h('ul', { class: 'batch-lines' }, now.lines.filter((line) => line.volunteer_id === load.volunteer_id).map(lineRow)),
          ),
        ),
      );
    }
    settle(list, PICK);
    if (at !== null) stopsOf(at.line)[at.nth]?.focus({ preventScroll: true });
  }

  function remedyWords(remedy: Remedy): string {
    const where = remedy.quarter === null ? t('batch.remedy.outside') : t('batch.remedy.inside', { quarter: quarterName(data.quarters.get().value, remedy.quarter) ?? t('common.none') });
    const what =
      remedy.kind === 'walk'
        ? t('batch.remedy.walk', { name: remedy.name ?? t('life.somebody'), time: minutes(remedy.amount * 60) })
        : tn('batch.remedy.places', remedy.amount, count(remedy.amount), { where });
    return tn('batch.remedy.serves', remedy.serves, count(remedy.serves), { what });
  }

  function leftRow(left: Unassigned): HTMLElement {
    return h(
      'li',
      { class: 'step' },
      h('a', { class: 'inline-link step-what', href: formatRoute({ mode: 'coordination', view: 'case', id: left.case_id, filter: 'waiting' }) }, person(left.case_id)),
      h('span', {}, label('batch.left_reason', left.reason, 'batch.left_reason.other')),
      left.nearest.length > 0 &&
        h(
          'div',
          { class: 'left-out' },
          h('p', { class: 'hint' }, t('batch.nearest')),
          h('ul', {}, left.nearest.map((near) => h('li', {}, h('span', { class: 'left-out-name' }, near.name), ' — ', leftOutWords(near, volunteerOf(near.volunteer_id)?.properties)))),
        ),
    );
  }

  function section(title: string, content: Child): HTMLElement {
    return h('section', { class: 'batch-block', 'aria-label': title }, h('h2', { class: 'section-title' }, title), content);
  }

  function drawRest(now: Plan): void {
    fill(
      rest,
      now.unassigned.length > 0 && section(t('batch.left'), h('ul', { class: 'steps-list' }, now.unassigned.map(leftRow))),
      now.remedies.length > 0 && section(t('batch.remedies'), h('ul', { class: 'batch-remedies' }, now.remedies.map((remedy) => h('li', {}, remedyWords(remedy))))),
      group === 'case' &&
        now.loads.length > 0 &&
        section(
          t('batch.loads'),
          h(
            'dl',
            { class: 'facts' },
            now.loads.map((load) =>
              h(
                'div',
                { class: 'fact' },
                h('dt', {}, load.name),
                h('dd', {}, h('span', { 'aria-hidden': 'true' }, t('batch.load', { before: load.before, after: load.after, capacity: load.capacity })), h('span', { class: 'visually-hidden' }, t('batch.load_said', { before: load.before, after: load.after, capacity: load.capacity }))),
              ),
            ),
          ),
        ),
      exclusions.length > 0 &&
        section(
          tn('batch.exclusions', exclusions.length, count(exclusions.length)),
          h(
            'ul',
            { class: 'steps-list' },
            exclusions.map((pair) => {
              const names = { person: person(pair.case_id), name: volunteerName(pair.volunteer_id) };
              return h(
                'li',
                { class: 'step' },
                h('span', {}, t('batch.exclusion', names)),
                h('button', { type: 'button', class: 'button button-quiet', 'aria-label': t('batch.allow_of', names), on: { click: () => void replan(pins, exclusions.filter((other) => !same(other, pair)), null) } }, t('batch.allow')),
              );
            }),
          ),
        ),
    );
  }

  function render(): void {
    if (plan === null) return;
    const now = plan;
    const nobody = now.lines.length === 0 && now.unassigned.length === 0;
    const left = now.unassigned.length;
    total.textContent = nobody ? '' : tn('batch.count', now.lines.length, count(now.lines.length)) + (left > 0 ? `, ${tn('batch.count_left', left, count(left))}` : '');
    tools.hidden = now.lines.length < 2;
    // While a difference waits for an answer, the plan behind it is out of reach.
    const waits = next !== null;
    for (const box of [list, foot, rest, tools]) box.inert = waits;
    list.classList.toggle('batch-waits', waits);
    if (nobody) fill(list, emptyBox(t('batch.empty'), t('batch.empty_next'), null, h('a', { class: 'button button-main', href: backHref }, t('batch.back'))));
    else if (now.lines.length === 0) fill(list, emptyBox(t('batch.none'), t('batch.none_next'), null));
    else drawList(now);
    fill(
      foot,
      mayWrite() &&
        !waits &&
        now.lines.length > 0 &&
        h('button', { type: 'button', class: 'button button-main', on: { click: () => void guarded(() => propose(now.lines)) } }, tn('batch.all', now.lines.length, count(now.lines.length))),
    );
    drawDiff();
    drawRest(now);
    map.showAlone('volunteer', [...new Set(now.lines.map((line) => line.volunteer_id))]);
    if (front !== null && !now.lines.some((line) => line.case_id === front)) {
      front = null;
      map.select('case', null);
      map.showWays([], null);
    }
  }

  // ---- the map

  /// The way of one line; the map moves only when it is asked for.
  function bringForward(line: PlanLine, move: boolean): void {
    if (front === line.case_id && !move) return;
    front = line.case_id;
    for (const pick of list.querySelectorAll<HTMLElement>(PICK)) pick.setAttribute('aria-current', String(Number(pick.dataset['id']) === front));
    map.select('case', line.case_id);
    if (!move) {
      map.showWays([], null);
      return;
    }
    drawing?.abort();
    const mine = new AbortController();
    drawing = mine;
    const home = caseOf(line.case_id)?.geometry?.coordinates ?? null;
    const door = doorOf(ctx, line.volunteer_id);
    map.fitTo([home, door].filter((position) => position !== null));
    fetchMatch(line.case_id, MOST_MATCHES, mine.signal)
      .then((match) => {
        const way = match.matches.find((candidate) => candidate.volunteer_id === line.volunteer_id);
        if (mine.signal.aborted || front !== line.case_id) return;
        map.showWays(way ? [{ id: way.volunteer_id, path: way.path.coordinates, from: door, to: home }] : [], line.volunteer_id);
        if (way) announce(walk(way.duration_s, way.length_m));
      })
      .catch(() => undefined);
  }

  function stale(): void {
    if (plan === null || busy || known() === plannedFor) return;
    fill(staleBox, h('div', { class: 'callout callout-plain life-done' }, icon('warning'), h('div', {}, t('batch.stale')), h('button', { type: 'button', class: 'button', on: { click: again } }, t('batch.again'))));
  }

  undo.add(data.revision.changed(stale));
  undo.add(
    data.cases.watch(({ status }) => {
      // The plan is asked for once the names are there.
      if (status === 'ready' && plan === null && running === null) load();
      else if (status === 'loading') fill(list, skeleton(5));
      else if (!busy && next === null && editing === null) render();
    }),
  );
  undo.add(data.quarters.changed(() => editing === null && render()));
  undo.add(data.volunteers.changed(() => editing === null && !busy && render()));
  undo.add(() => {
    clearTimeout(undoTimer);
    running?.abort();
    drawing?.abort();
    map.select('case', null);
    map.showWays([], null);
    map.showAlone('volunteer', []);
    panel.clear();
  });
  map.fitAll();
  return undo.empty;
};
