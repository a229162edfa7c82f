/// "Conservation": what was kept long enough goes. One person prepares the list, another signs it, then it is carried out
/// and proved.
import { fetchRun, fetchRuns, prepareRun, proveRun, purge, type Run, type RunWithItems, signOff } from '../api/desks';
import { bag } from '../state/cell';
import { formatRoute } from '../state/route';
import { can, mayWrite } from '../state/session';
import { t, tn } from '../text';
import { count, date, dateTime } from '../text/format';
import { notice } from '../ui/announce';
import { fact } from '../ui/controls';
import { fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { settle, walkable } from '../ui/walker';
import type { Enter } from './context';
import { detailPage, form, hrefOf, idOf, listPage, nothing, openByAddress, part, source, type Source, twoSteps, unknownPage } from './desk-parts';
import { proofPart, proveAgain } from './proof';

const ROW = '.row';

type Stage = 'nothing' | 'unsigned' | 'signed' | 'purged';

function stageOf(run: Run): Stage {
  if (run.purged_at !== null) return 'purged';
  if (run.cases === 0) return 'nothing';
  return run.signed_at === null ? 'unsigned' : 'signed';
}

const LOOK: Readonly<Record<Stage, string>> = { nothing: 'tag', unsigned: 'tag tag-waiting', signed: 'tag tag-waiting', purged: 'tag tag-accompanied' };

function stageTag(run: Run): HTMLElement {
  const stage = stageOf(run);
  return h('span', { class: LOOK[stage] }, t(`retention.state_${stage}`));
}

export const enterRetention: Enter = (ctx) => {
  const undo = bag();
  const lead = h('span', {});
  const prepareBox = h('div', {});
  const total = h('p', { class: 'count' });
  const list = h('ul', { class: 'rows', 'aria-label': t('retention.list') });
  const state = h('div', {});
  const empty = h('div', {});
  walkable(list, ROW);
  fill(ctx.panel.list, listPage(t('retention.title'), lead, [h('p', { class: 'hint' }, t('retention.how')), prepareBox, total], state, list, empty));

  let years = 0;
  let runs: readonly Run[] = [];

  function row(run: Run): HTMLElement {
    return h(
      'li',
      {},
      h(
        'a',
        { class: 'row', href: hrefOf('retention', [run.id]), 'data-id': run.id },
        h(
          'span',
          { class: 'row-text' },
          h('span', { class: 'row-main' }, h('span', { class: 'row-name' }, t('retention.run', { date: dateTime(run.made_at) })), stageTag(run)),
          h(
            'span',
            { class: 'row-sub' },
            h('span', {}, run.cases === 0 ? t('retention.cases_none') : tn('retention.cases', run.cases, count(run.cases))),
            h('span', {}, t('retention.cutoff', { date: date(run.cutoff_on) })),
          ),
        ),
      ),
    );
  }

  function render(): void {
    lead.textContent = years > 0 ? tn('retention.lead', years, count(years)) : '';
    const newest = [...runs].sort((a, b) => b.made_at.localeCompare(a.made_at) || b.id - a.id);
    fill(list, newest.map(row));
    settle(list, ROW);
    total.textContent = runs.length === 0 ? '' : tn('retention.count', runs.length, count(runs.length));
    fill(empty, runs.length === 0 && nothing(t('retention.empty'), t(can('dpo') ? 'retention.empty_dpo' : 'retention.empty_coordination')));
  }

  const all = source(state, 4, fetchRuns, (found) => {
    ({ years, runs } = found);
    render();
  });

  if (can('dpo') && mayWrite()) {
    fill(
      prepareBox,
      form({
        button: t('retention.prepare'),
        content: [],
        async work() {
          const run = await prepareRun();
          runs = [run, ...runs];
          render();
          notice(t('retention.prepared'), run.cases === 0 ? t('retention.items_none') : t('retention.prepared_next'), 'good');
          ctx.go({ mode: 'retention', parts: [String(run.id)], params: {} });
        },
      }),
    );
  }

  function items(run: RunWithItems): HTMLElement {
    if (run.cases === 0) return part(t('retention.items'), h('p', {}, t('retention.items_none')));
    return part(
      t('retention.items'),
      h(
        'table',
        { class: 'desk-table' },
        h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('retention.item')), h('th', { scope: 'col' }, t('retention.last_on')))),
        h(
          'tbody',
          {},
          run.items.map((item) =>
            h(
              'tr',
              {},
              h(
                'th',
                { scope: 'row' },
                can('coordination') && item.reference !== null
                  ? h('a', { class: 'inline-link', href: formatRoute({ mode: 'coordination', view: 'case', id: item.case_id, filter: 'all' }) }, item.reference)
                  : (item.reference ?? t('retention.item_gone')),
              ),
              h('td', {}, date(item.last_on)),
            ),
          ),
        ),
      ),
    );
  }

  function act(run: Run): HTMLElement | false {
    const stage = stageOf(run);
    const n = run.cases;
    if (stage === 'unsigned') {
      if (!can('coordination')) return part(t('retention.sign'), h('p', {}, t('retention.sign_wait')));
      return (
        mayWrite() &&
        part(
          t('retention.sign'),
          h('p', {}, t('retention.sign_what')),
          form({
            button: tn('retention.sign_do', n, count(n)),
            content: [],
            async work() {
              take(await signOff(run.id));
              notice(t('retention.sign_done'), t('retention.sign_done_next'), 'good');
            },
            refused: ({ code }) => code === 'same_person' && { title: t('retention.same_person'), next: t('retention.same_person_next') },
          }),
        )
      );
    }
    if (stage === 'signed') {
      if (!can('dpo')) return part(t('retention.purge'), h('p', {}, t('retention.purge_wait')));
      return (
        mayWrite() &&
        part(
          t('retention.purge'),
          h('p', {}, t('retention.purge_what')),
          twoSteps(tn('retention.purge_do', n, count(n)), tn('retention.purge_sure', n, count(n)), 'button-warn', t('retention.purging'), async () => {
            const next = await purge(run.id);
            take(next);
            notice(t('retention.purge_done'), next.unproved ? t('retention.unproved') : null, next.unproved ? 'bad' : 'good');
          }),
        )
      );
    }
    return false;
  }

  function signature(at: string | null, name: string | null): string {
    return t('retention.made_by', { at: dateTime(at ?? ''), name: name ?? t('retention.someone') });
  }

  function detail(run: RunWithItems): HTMLElement {
    return detailPage(
      opened.back,
      t('retention.run', { date: dateTime(run.made_at) }),
      [stageTag(run), h('span', {}, run.cases === 0 ? t('retention.cases_none') : tn('retention.cases', run.cases, count(run.cases)))],
      run.proof !== null && proofPart(run.proof),
      run.unproved &&
        can('dpo') &&
        mayWrite() &&
        proveAgain(async () => {
          const next = await proveRun(run.id);
          take(next);
          if (!next.unproved) notice(t('retention.proved'), null, 'good');
        }),
      h(
        'dl',
        { class: 'facts' },
        fact(t('retention.cutoff_fact'), t('retention.cutoff', { date: date(run.cutoff_on) })),
        fact(t('retention.made'), signature(run.made_at, run.made_by_name)),
        run.signed_at !== null && fact(t('retention.signed'), signature(run.signed_at, run.signed_by_name)),
        run.purged_at !== null && fact(t('retention.purged'), dateTime(run.purged_at)),
      ),
      run.purged_at === null && items(run),
      run.purged_at === null &&
        run.still_followed.length > 0 &&
        h(
          'div',
          { class: 'callout callout-plain' },
          icon('people'),
          h(
            'div',
            {},
            h('strong', {}, tn('retention.still', run.still_followed.length, count(run.still_followed.length))),
            h('p', {}, t('retention.still_next', { references: run.still_followed.join(', ') })),
          ),
        ),
      act(run),
    );
  }

  /// The list that is open, with its persons.
  let open: { readonly id: number; readonly box: HTMLElement; readonly source: Source<RunWithItems> } | null = null;

  /// A run as it has become.
  function take(next: Run): void {
    runs = runs.map((one) => (one.id === next.id ? next : one));
    render();
    const before = open?.source.value();
    if (before && before.id === next.id) open?.source.set({ ...before, ...next });
    ctx.panel.element.querySelector<HTMLElement>('.desk-detail h2')?.focus();
  }

  const opened = openByAddress(ctx, 'retention', ([first]) => {
    const id = idOf(first);
    open?.source.drop();
    open = null;
    if (id === null) return unknownPage(opened.back, t('retention.unknown'));
    const box = h('div', {});
    const waiting = h('div', {});
    fill(box, detailPage(opened.back, t('retention.title'), null, waiting));
    open = {
      id,
      box,
      source: source<RunWithItems>(waiting, 5, (signal) => fetchRun(id, signal), (run) => {
        const focused = box.contains(document.activeElement);
        fill(box, detail(run));
        if (focused) box.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
      }),
    };
    open.source.load();
    return box;
  });

  undo.add(opened.drop);
  undo.add(all.drop);
  undo.add(() => open?.source.drop());
  undo.add(() => ctx.panel.clear());
  opened.arrive();
  all.load();
  return undo.empty;
};
