/// "Journal": the trail of who read or changed what, with its filters, its proof, and the emergencies to be read.
import { type AuditPage, type AuditRow, fetchAudit, fetchNotices, type Notice, noteSeen, type Verification, verifyAudit } from '../api/desks';
import { isAbort } from '../api/client';
import { bag } from '../state/cell';
import type { PlainRoute } from '../state/route';
import { label, t, tn } from '../text';
import { count, dateTime } from '../text/format';
import { announce } from '../ui/announce';
import { fact, select } from '../ui/controls';
import { fill, h } from '../ui/dom';
import { textField } from '../ui/fields';
import { icon } from '../ui/icons';
import { problemBox } from '../ui/problems';
import { settle, walkable } from '../ui/walker';
import { actorWords, auditQuery, type Filters, filtersOf, howMany, NO_FILTERS, paramsOf, reasonWords, sentence } from './audit-words';
import type { Enter } from './context';
import { type Control, dateField, downloadLink, failAt, listPage, nothing, source, today } from './desk-parts';
import { said } from './refusals';

const ROW = '.trail > details > summary';
const PAGE = 50;

// ---- emergencies to be read

function noticePart(): { readonly element: HTMLElement; readonly drop: () => void } {
  const element = h('section', { class: 'desk-notices', 'aria-label': t('audit.notices') });
  const box = h('div', {});
  const content = h('div', {});
  element.append(box, content);
  const who = (one: Notice): string => one.account_name ?? t('audit.notice_someone');

  function card(one: Notice): HTMLElement {
    return h(
      'li',
      { class: one.seen_at === null ? 'card-row card-loud' : 'card-row' },
      icon('key'),
      h(
        'div',
        { class: 'card-text' },
        h('strong', {}, one.kind === 'break_glass' ? t('audit.notice_title', { name: who(one) }) : t('audit.notice_other')),
        h('span', { class: 'hint' }, dateTime(one.at)),
        one.detail !== '' && h('span', {}, t('audit.notice_reason', { reason: one.detail })),
        one.seen_at !== null && h('span', { class: 'hint' }, t('audit.notice_seen_at', { at: dateTime(one.seen_at) })),
      ),
      one.seen_at === null &&
        h(
          'button',
          { type: 'button', class: 'button', 'aria-label': t('audit.see_of', { name: who(one), at: dateTime(one.at) }), on: { click: () => void see(one) } },
          icon('check'),
          t('audit.see'),
        ),
    );
  }

  async function see(one: Notice): Promise<void> {
    try {
      await noteSeen(one.id);
      notices.set((notices.value() ?? []).map((other) => (other.id === one.id ? { ...other, seen_at: new Date().toISOString() } : other)));
      announce(t('audit.seen'));
      const next = element.querySelector<HTMLElement>('button, summary');
      next?.focus();
    } catch (error) {
      fill(box, problemBox(said(error), null));
    }
  }

  const notices = source<readonly Notice[]>(box, 0, fetchNotices, (all) => {
    const newest = [...all].sort((a, b) => b.at.localeCompare(a.at) || b.id - a.id);
    const unread = newest.filter((one) => one.seen_at === null);
    const read = newest.filter((one) => one.seen_at !== null);
    fill(
      content,
      unread.length > 0 && [h('h2', { class: 'section-title' }, t('audit.notices')), h('ul', { class: 'cards' }, unread.map(card))],
      read.length > 0 && h('details', { class: 'left-out' }, h('summary', {}, tn('audit.notices_seen', read.length, count(read.length))), h('ul', { class: 'cards' }, read.map(card))),
    );
    element.hidden = all.length === 0;
  });
  notices.load();
  return { element, drop: notices.drop };
}

// ---- the proof

function verificationPart(): { readonly button: HTMLElement; readonly result: HTMLElement; readonly drop: () => void } {
  const result = h('div', { 'aria-live': 'polite', class: 'verified' });
  let running: AbortController | null = null;
  const button = h('button', { type: 'button', class: 'button', on: { click: () => void verify() } });
  const rest = (): void => fill(button, icon('rights'), t('audit.verify'));

  function show(found: Verification): void {
    const rows = found.chains.reduce((sum, chain) => sum + chain.rows, 0);
    const chains = h(
      'ul',
      { class: 'plain-list' },
      found.chains.map((chain) =>
        h(
          'li',
          {},
          chain.rows === 0
            ? t('audit.chain_empty', { chain: chain.chain_id })
            : tn('audit.chain', chain.rows, count(chain.rows), { chain: chain.chain_id, first: count(chain.first_seq), last: count(chain.last_seq) }),
        ),
      ),
    );
    const ends = h(
      'details',
      {},
      h('summary', {}, t('audit.ends')),
      h('p', {}, t('audit.ends_what')),
      h('dl', { class: 'facts' }, found.chains.map((chain) => fact(chain.chain_id, h('code', { class: 'command' }, chain.end)))),
    );
    fill(
      result,
      found.intact
        ? h('div', { class: 'callout callout-good' }, icon('check'), h('div', {}, h('strong', {}, tn('audit.intact', rows, count(rows))), chains, ends))
        : h(
            'div',
            { class: 'callout callout-bad' },
            icon('warning'),
            h(
              'div',
              {},
              h('strong', {}, tn('audit.broken', found.findings.length, count(found.findings.length))),
              h('p', {}, t('audit.broken_next')),
              h(
                'ul',
                { class: 'plain-list' },
                found.findings.map(({ chain_id: chain, seq, problem }) => {
                  const words = label('audit.flaws', problem, 'audit.flaws.other');
                  return h('li', {}, chain === '*' ? t('audit.finding_roll', { problem: words }) : t('audit.finding', { chain, seq: count(seq), problem: words }));
                }),
              ),
              chains,
            ),
          ),
    );
  }

  async function verify(): Promise<void> {
    if (running !== null) {
      running.abort();
      return;
    }
    running = new AbortController();
    fill(button, icon('close'), t('audit.stop'));
    fill(result, h('p', { class: 'hint' }, t('audit.verifying')), h('progress', { 'aria-label': t('audit.verifying') }));
    try {
      show(await verifyAudit(running.signal));
    } catch (error) {
      if (isAbort(error)) result.replaceChildren();
      else fill(result, problemBox(said(error), null));
    } finally {
      running = null;
      rest();
    }
  }
  rest();
  return { button, result, drop: () => running?.abort() };
}

// ---- the trail

export const enterAudit: Enter = (ctx) => {
  const undo = bag();
  let filters = filtersOf((ctx.route.get() as PlainRoute).params);
  let page: AuditPage | null = null;
  let rows: AuditRow[] = [];
  /// Whoever acted in the rows seen so far: their names are nowhere else.
  const actors = new Map<string, string>();

  const form = h('div', { class: 'filters' });
  const formBox = h('details', { class: 'filter-box' });
  const formTitle = h('summary', {});
  const total = h('p', { class: 'count', 'aria-live': 'polite' });
  const list = h('ol', { class: 'trails', 'aria-label': t('audit.list') });
  const more = h('div', { class: 'more' });
  const state = h('div', {});
  const download = h('div', {});
  const notices = noticePart();
  const verification = verificationPart();
  walkable(list, ROW);
  formBox.append(formTitle, form);
  formBox.open = howMany(filters) > 0 || matchMedia('(min-width: 900px)').matches;
  fill(ctx.panel.list, listPage(t('audit.title'), t('audit.lead'), null, notices.element, h('div', { class: 'desk-block' }, formBox, h('div', { class: 'desk-tools' }, download, verification.button), verification.result, total), list, state, more));

  function choose(changed: Partial<Filters>): void {
    const next = { ...filters, ...changed };
    ctx.go({ mode: 'audit', parts: [], params: paramsOf(next) }, 'replace');
  }

  function day(name: 'from' | 'to'): Control & { readonly input: HTMLInputElement } {
    const field = dateField(t(`audit.${name}`), '', filters[name]);
    field.input.addEventListener('change', () => {
      const { value } = field.input;
      // A year that is still being typed.
      if (value !== '' && value < '1900') return;
      const next = { ...filters, [name]: value };
      if (next.from !== '' && next.to !== '' && next.from > next.to) failAt(field, t('audit.wrong_dates'));
      else choose({ [name]: value });
    });
    return field;
  }
  function choice(name: 'actor' | 'act' | 'resource'): { readonly element: HTMLElement; offer(options: readonly (readonly [string, string])[]): void } {
    const element = select(t(`audit.${name}`), [], '', (value) => choose({ [name]: value }));
    const field = element.querySelector('select') as HTMLSelectElement;
    let offered = '';
    return {
      element,
      offer(options) {
        const all = [['', t(`audit.any_${name}`)] as const, ...options];
        // Only when they differ, so that a list that is open stays open.
        if (JSON.stringify(all) !== offered) {
          offered = JSON.stringify(all);
          fill(field, all.map(([value, text]) => h('option', { value }, text)));
        }
        field.value = filters[name];
      },
    };
  }
  const from = day('from');
  const to = day('to');
  const who = choice('actor');
  const act = choice('act');
  const resource = choice('resource');
  const subject = textField({ label: t('audit.subject'), hint: t('audit.subject_hint'), autocomplete: 'off', maxlength: 64 });
  subject.input.required = false;
  subject.input.addEventListener('change', () => {
    const value = subject.input.value.trim();
    // What cannot be a reference, such as a name, goes into no address.
    if (filtersOf(paramsOf({ ...NO_FILTERS, subject: value })).subject === value) choose({ subject: value });
    else failAt(subject, t('audit.subject_unknown'));
  });
  const foot = h('div', { class: 'filters-foot' });
  fill(form, from.element, to.element, who.element, act.element, resource.element, subject.element, foot);

  function drawFilters(): void {
    const n = howMany(filters);
    formTitle.textContent = n === 0 ? t('audit.filters') : tn('audit.filters_on', n);
    for (const [field, value] of [[from, filters.from], [to, filters.to], [subject, filters.subject]] as const) {
      if (field.input.value !== value) field.input.value = value;
      field.mend();
    }
    const known = new Map(actors);
    if (filters.actor !== '' && !known.has(filters.actor)) known.set(filters.actor, actorWords(filters.actor, null));
    who.offer([...known].sort(([, a], [, b]) => a.localeCompare(b, 'fr')));
    act.offer((page?.acts ?? [filters.act].filter((code) => code !== '')).map((code) => [code, label('audit.acts', code)]));
    resource.offer((page?.resources ?? [filters.resource].filter((code) => code !== '')).map((code) => [code, label('audit.resources', code)]));
    fill(
      foot,
      n > 0 &&
        h(
          'button',
          {
            type: 'button',
            class: 'button button-quiet',
            on: {
              click: () => {
                choose(NO_FILTERS);
                formTitle.focus();
              },
            },
          },
          t('common.clear_filters'),
        ),
    );
    const query = auditQuery(filters, null, null);
    fill(download, downloadLink(`/audit/export${query === '' ? '' : `?${query}`}`, t('audit.export_file', { day: today() }), t('audit.export')));
  }

  function row(one: AuditRow): HTMLElement {
    const why = reasonWords(one);
    const only = (text: string, changed: Partial<Filters>): HTMLElement => h('button', { type: 'button', class: 'button', on: { click: () => choose(changed) } }, text);
    return h(
      'li',
      { class: 'trail' },
      h(
        'details',
        {},
        h(
          'summary',
          { class: one.outcome === 'refused' ? 'trail-refused' : undefined },
          h('time', { datetime: one.at }, dateTime(one.at)),
          h('span', { class: 'visually-hidden' }, ' — '),
          h('span', { class: 'trail-text' }, sentence(one)),
          why !== '' && h('span', { class: 'trail-why' }, ' ', t('audit.row_reason', { reason: why })),
        ),
        h(
          'dl',
          { class: 'facts' },
          fact(t('audit.row_who'), actorWords(one.actor, one.actor_name)),
          fact(t('audit.row_when'), dateTime(one.at)),
          fact(t('audit.row_act'), label('audit.acts', one.act)),
          fact(t('audit.row_resource'), label('audit.resources', one.resource)),
          fact(t('audit.row_records'), count(one.records)),
          fact(t('audit.row_outcome'), label('audit.outcomes', one.outcome)),
          one.subject !== '' && fact(t('audit.row_subject'), t('audit.subject_code', { code: one.subject.slice(0, 8) })),
          why !== '' && fact(t('audit.row_reason_name'), why),
          fact(t('audit.row_place'), t('audit.row_place_of', { chain: one.chain_id, seq: count(one.seq) })),
        ),
        h(
          'div',
          { class: 'form-actions' },
          filters.actor === '' && only(t('audit.row_only_actor'), { actor: one.actor }),
          one.subject !== '' && filters.subject === '' && only(t('audit.row_only_subject'), { subject: one.subject }),
        ),
      ),
    );
  }

  function draw(): void {
    settle(list, ROW);
    const next = page?.next ?? null;
    total.textContent = rows.length === 0 ? '' : tn(next === null ? 'audit.count' : 'audit.count_more', rows.length, count(rows.length));
    fill(more, next !== null && h('button', { type: 'button', class: 'button', on: { click: () => void older(next) } }, icon('down'), t('audit.older')));
    if (rows.length > 0) state.replaceChildren();
    else if (howMany(filters) > 0) fill(state, nothing(t('audit.empty'), t('audit.empty_next')));
    else fill(state, nothing(t('audit.empty_all'), t('audit.empty_all_next')));
  }

  function remember(found: readonly AuditRow[]): void {
    for (const one of found) actors.set(one.actor, actorWords(one.actor, one.actor_name));
  }

  const first = source<AuditPage>(
    state,
    8,
    (signal) => fetchAudit(auditQuery(filters, null, PAGE), signal),
    (found) => {
      page = found;
      rows = [...found.rows];
      remember(rows);
      fill(list, rows.map(row));
      list.removeAttribute('aria-busy');
      drawFilters();
      draw();
    },
    ({ code }) => {
      if (code !== 'unknown_subject') return false;
      rows = [];
      list.replaceChildren();
      list.removeAttribute('aria-busy');
      total.textContent = '';
      more.replaceChildren();
      formBox.open = true;
      return !failAt(subject, t('audit.subject_unknown'));
    },
  );

  let olderRunning: AbortController | null = null;
  async function older(before: string): Promise<void> {
    if (olderRunning !== null) return;
    const mine = new AbortController();
    olderRunning = mine;
    more.firstElementChild?.setAttribute('aria-disabled', 'true');
    try {
      const found = await fetchAudit(auditQuery(filters, before, PAGE), mine.signal);
      page = { ...found, acts: page?.acts ?? found.acts, resources: page?.resources ?? found.resources };
      rows.push(...found.rows);
      remember(found.rows);
      const made = found.rows.map(row);
      list.append(...made);
      drawFilters();
      draw();
      made[0]?.querySelector<HTMLElement>('summary')?.focus();
      announce(tn('audit.older_done', made.length, count(made.length)));
    } catch (error) {
      if (!isAbort(error)) fill(more, problemBox(said(error), () => void older(before)));
    } finally {
      olderRunning = null;
    }
  }

  undo.add(
    ctx.route.changed((next) => {
      if (next.mode !== 'audit') return;
      const asked = filtersOf(next.params);
      if (JSON.stringify(asked) === JSON.stringify(filters)) return;
      filters = asked;
      olderRunning?.abort();
      olderRunning = null;
      const within = list.contains(document.activeElement);
      list.setAttribute('aria-busy', 'true');
      drawFilters();
      if (within) {
        formBox.open = true;
        formTitle.focus();
      }
      first.load();
    }),
  );
  undo.add(() => olderRunning?.abort());
  undo.add(first.drop);
  undo.add(notices.drop);
  undo.add(verification.drop);
  undo.add(() => ctx.panel.clear());
  drawFilters();
  first.load();
  return undo.empty;
};
