/// Suivi: who is not to be forgotten today, the dangers first; what can be noted in one press; and who is away.
import { fetchFollowUp, type FollowUp, removeAbsence } from '../api/follow';
import { undoMove } from '../api/life';
import { bag } from '../state/cell';
import { formatRoute } from '../state/route';
import { mayWrite } from '../state/session';
import { t, tn } from '../text';
import { count } from '../text/format';
import { announce } from '../ui/announce';
import { csv, download } from '../ui/csv';
import { type Child, fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { symbol } from '../ui/symbols';
import { settle, walkable } from '../ui/walker';
import { absenceForm } from './absence-form';
import { absenceList, daysInWords } from './absences';
import { doneLine, moveNow } from './act-done';
import type { Enter } from './context';
import { detailPage, hrefOf, listPage, nothing, openByAddress, source, unknownPage } from './desk-parts';
import { type Line, linesOf, rowsOf, type Section, SECTIONS } from './follow-lists';
import { caseTone, placeName } from './tones';

const ROW = '.row';
const NEW_ABSENCE = 'absence';
/// What one press notes, of which list.
const ACTS: Readonly<Partial<Record<Section, 'contact' | 'review'>>> = { waiting: 'contact', reviews: 'review' };
/// Whoever of these lists gets no visit note by phone may get a sheet.
const WITH_SHEET: ReadonlySet<Section> = new Set(['overdue', 'soon']);

export const enterFollowUp: Enter = (ctx) => {
  const undo = bag();
  const { data } = ctx;
  const done = doneLine();
  const state = h('div', {});
  const jumps = h('nav', { class: 'follow-jumps', 'aria-label': t('follow.jump') });
  const csvButton = h('button', { type: 'button', class: 'button button-quiet', on: { click: save } }, icon('download'), t('follow.csv'));
  const calm = h('div', {});
  const sections = new Map<Section, { readonly title: HTMLElement; readonly body: HTMLElement; readonly element: HTMLElement }>(
    SECTIONS.map((name) => {
      const title = h('h2', { class: 'section-title', tabindex: '-1' }, t(`follow.zero.${name}`));
      const body = h('div', {});
      return [name, { title, body, element: h('section', { class: `follow-section follow-${name}`, 'aria-label': t(`follow.zero.${name}`) }, title, body) }];
    }),
  );
  const absences = absenceList(done, true, h('div', {}, h('p', {}, t('away.none')), h('p', { class: 'hint' }, t('away.none_next'))), () => render());
  const absenceTitle = h('h2', { class: 'section-title', tabindex: '-1' }, t('away.title'));
  const page = listPage(
    t('follow.title'),
    t('follow.lead'),
    h('div', { class: 'desk-tools' }, csvButton),
    done.element,
    state,
    jumps,
    calm,
    [...sections.values()].map(({ element }) => element),
    h(
      'section',
      { class: 'follow-section follow-absences', 'aria-label': t('away.title') },
      absenceTitle,
      absences.element,
      mayWrite() && h('a', { class: 'button', href: hrefOf('follow_up', [NEW_ABSENCE]), 'data-id': NEW_ABSENCE }, icon('plus'), t('away.new')),
    ),
  );
  page.classList.add('follow');
  fill(ctx.panel.list, page);
  walkable(page, ROW);

  let lines: Readonly<Record<Section, readonly Line[]>> | null = null;

  const followed = source<FollowUp>(state, 8, fetchFollowUp, () => {
    render();
    opened.arrive();
  });

  function save(): void {
    const now = followed.value();
    if (lines === null || now === null) return;
    download(t('follow.csv_file', { date: now.on }), csv(rowsOf(lines, data.quarters.get().value, now.on)));
    announce(t('follow.csv_done'));
  }

  /// One press: noted on the case as it is now, said with « Annuler ».
  async function note(line: Line, act: 'contact' | 'review'): Promise<void> {
    try {
      await moveNow(line.one.id, { act });
      await again();
      done.say(t(act === 'contact' ? 'follow.contacted' : 'follow.reviewed', { name: line.name }), async () => {
        await undoMove(line.one.id);
        await again();
        return null;
      });
    } catch (error) {
      done.fail(error);
      followed.load();
    }
  }

  async function again(): Promise<void> {
    await data.refreshCases();
    followed.load();
  }

  function row(line: Line, section: Section): HTMLElement {
    const { one, name, words, volunteer } = line;
    const act = ACTS[section];
    let busy = false;
    return h(
      'li',
      { class: 'follow-row' },
      h(
        'a',
        { class: 'row', href: formatRoute({ mode: 'coordination', view: 'case', id: one.id, filter: 'all' }), 'data-id': `${section}-${one.id}` },
        symbol(`case-${caseTone(one)}`),
        h(
          'span',
          { class: 'row-text' },
          h('span', { class: 'row-main' }, h('span', { class: 'row-name' }, name), h('span', { class: 'follow-words' }, words)),
          h(
            'span',
            { class: 'row-sub' },
            h('span', { class: 'reference' }, one.properties.reference),
            h('span', {}, placeName(data.quarters.get().value, one.properties)),
            volunteer !== null && section !== 'awaited' && section !== 'uncovered' && h('span', {}, t('follow.with', { name: volunteer })),
          ),
        ),
      ),
      act !== undefined &&
        mayWrite() &&
        h(
          'button',
          {
            type: 'button',
            class: 'button',
            'aria-label': t(act === 'contact' ? 'follow.contact_of' : 'follow.review_of', { name }),
            on: {
              click: (event) => {
                if (busy) return;
                busy = true;
                (event.currentTarget as HTMLElement).setAttribute('aria-disabled', 'true');
                void note(line, act);
              },
            },
          },
          icon('check'),
          t(act === 'contact' ? 'follow.contact' : 'follow.review'),
        ),
      WITH_SHEET.has(section) &&
        h('a', { class: 'button button-quiet', href: hrefOf('sheet', [one.id]), 'aria-label': t('follow.sheet_of', { name }) }, icon('print'), t('follow.sheet_short')),
    );
  }

  function jump(name: Section | 'absences', n: number, to: HTMLElement): HTMLElement {
    return h(
      'button',
      {
        type: 'button',
        class: name === 'dangers' && n > 0 ? 'jump jump-loud' : 'jump',
        on: {
          click: () => {
            to.focus({ preventScroll: true });
            to.scrollIntoView({ block: 'start' });
          },
        },
      },
      h('span', {}, t(`follow.jumps.${name}`)),
      h('span', { class: 'jump-count' }, count(n)),
    );
  }

  function render(): void {
    const follow = followed.value();
    if (follow === null || data.cases.get().status !== 'ready') return;
    const volunteers = data.volunteers.get().value;
    lines = linesOf(follow, {
      cases: data.cases.get().value,
      volunteer: (id) => volunteers.find((one) => one.id === id)?.properties.name ?? null,
      absences: absences.all(),
    });
    const focused = (document.activeElement as HTMLElement | null)?.dataset['id'];
    let pressing = 0;
    for (const name of SECTIONS) {
      const { title, body, element } = sections.get(name) as { title: HTMLElement; body: HTMLElement; element: HTMLElement };
      const all = lines[name];
      if (name !== 'soon' && name !== 'awaited') pressing += all.length;
      title.textContent = all.length === 0 ? t(`follow.zero.${name}`) : tn(`follow.sections.${name}`, all.length, count(all.length));
      element.classList.toggle('follow-none', all.length === 0);
      const what = t(`follow.what.${name}`);
      const content: Child =
        all.length === 0
          ? h('p', { class: 'hint' }, t(`follow.empty.${name}`))
          : [what !== '' && h('p', { class: 'hint' }, what), h('ul', { class: 'rows', 'aria-label': t(`follow.zero.${name}`) }, all.map((line) => row(line, name)))];
      fill(body, content);
    }
    fill(calm, pressing === 0 && nothing(t('follow.calm'), t('follow.calm_next')));
    const found = lines;
    fill(
      jumps,
      SECTIONS.map((name) => jump(name, found[name].length, sections.get(name)?.title as HTMLElement)),
      jump('absences', absences.all().length, absenceTitle),
    );
    settle(page, ROW);
    if (focused !== undefined) page.querySelector<HTMLElement>(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  function absencePage(): HTMLElement {
    return detailPage(
      opened.back,
      t('away.new'),
      t('away.new_what'),
      absenceForm(ctx, async (saved) => {
        await again();
        absences.load();
        opened.back();
        done.say(
          t('away.saved_of', { name: saved.name, days: daysInWords(saved.days) }),
          async () => {
            for (const caseId of saved.handedOver) await undoMove(caseId);
            await removeAbsence(saved.id);
            absences.load();
            await again();
            return null;
          },
          saved.handedOver.length > 0 && h('p', {}, tn('away.proposed', saved.handedOver.length, count(saved.handedOver.length))),
        );
      }),
    );
  }

  const opened = openByAddress(ctx, 'follow_up', ([first]) => {
    if (first !== NEW_ABSENCE || !mayWrite()) return unknownPage(opened.back, t('errors.not_found'));
    // Whoever could be away must be known first.
    return data.volunteers.get().status === 'loading' ? null : absencePage();
  });

  undo.add(data.cases.changed(render));
  undo.add(data.quarters.changed(render));
  undo.add(
    data.volunteers.changed(() => {
      render();
      opened.arrive();
    }),
  );
  let revision = data.revision.get();
  undo.add(
    data.revision.changed((next) => {
      // The first one only says that everything has arrived.
      if (revision !== null) {
        followed.load();
        absences.load();
      }
      revision = next;
    }),
  );
  undo.add(opened.drop);
  undo.add(followed.drop);
  undo.add(absences.drop);
  undo.add(() => {
    done.clear();
    ctx.panel.clear();
  });
  opened.arrive();
  followed.load();
  absences.load();
  return undo.empty;
};
