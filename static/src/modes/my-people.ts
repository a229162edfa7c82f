/// Mes personnes: a volunteer's own page, for a phone held in one hand. Whom one is asked to accompany (of whom no more is
/// told than the quarter, about how long the walk is, what is asked for and the languages), whom one accompanies, and what
/// can be done: say yes or no, note a visit, tell of a worry, stop, be away. Nothing of it stays on the phone.
import { addAbsence, removeAbsence } from '../api/follow';
import { fetchLife, type Life, type LivedProps, undoMove, type VisitLine } from '../api/life';
import type { Case } from '../api/types';
import { bag } from '../state/cell';
import { account, mayWrite } from '../state/session';
import { keepVisit } from '../state/visit-draft';
import { label, t } from '../text';
import { date, dateTime, languages, walk } from '../text/format';
import { fact } from '../ui/controls';
import { type Child, fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { emptyBox, problemBox, skeleton } from '../ui/problems';
import { symbol } from '../ui/symbols';
import { absenceList, daysInWords } from './absences';
import { doneLine, moveNow } from './act-done';
import { caseFacts, dangerBanner, placeWarning } from './case-facts';
import type { Enter } from './context';
import { nextVisit } from './day-words';
import { hrefOf, idOf, openByAddress, source, today } from './desk-parts';
import { awayForm, dangerForm, declineForm, emergencyNumbers, moveAsSeen, myPage, releaseForm } from './my-acts';
import { visitForm } from './my-visit';
import { said } from './refusals';
import { caseName, caseTone, quarterName } from './tones';

const ENDED: ReadonlySet<string> = new Set(['closed', 'archived', 'purged']);
const AWAY = 'absence';
/// How many visits are shown before « Toutes mes visites ».
const VISITS = 3;

/// Somebody who is proposed, and of whom nothing more is told yet.
export function isProposal(one: Case): boolean {
  return one.properties.state === 'proposed' && one.geometry === null && one.properties.address === undefined;
}

/// Whose visit is due first comes first; who has no date comes last.
function byNext(a: Case, b: Case): number {
  const due = (one: Case): string => (one.properties as LivedProps).next_contact_on ?? '9999';
  return Number(a.properties.state === 'paused') - Number(b.properties.state === 'paused') || due(a).localeCompare(due(b)) || a.id - b.id;
}

export function needsInWords(p: LivedProps): string {
  const needs = p.needs ?? [];
  return (needs.length === 0 ? ['visite'] : needs).map((code) => label('follow.needs', code)).join(', ');
}

export const enterMyPeople: Enter = (ctx) => {
  const undo = bag();
  const { panel, data, map } = ctx;
  const done = doneLine();
  const body = h('div', { class: 'mine-body' });
  const away = absenceList(done, false, h('p', { class: 'hint' }, t('mine.away_none')));
  fill(
    panel.list,
    h(
      'div',
      { class: 'mine' },
      h('header', { class: 'panel-head' }, h('div', { class: 'panel-title' }, h('h1', {}, t('people.title')))),
      done.element,
      body,
      group(
        t('mine.away_title'),
        away.element,
        mayWrite() && h('a', { class: 'button button-wide', href: hrefOf('people', [AWAY]), 'data-id': AWAY }, icon('clock'), t('mine.away')),
      ),
      h('p', { class: 'hint mine-foot' }, t('people.worry')),
    ),
  );

  const to = (...parts: (string | number)[]): void => ctx.go({ mode: 'people', parts: parts.map(String), params: {} });
  const linkOf = (one: Case) => data.links.get().value.find((link) => link.properties.case_id === one.id);
  const caseOf = (id: number | null): Case | undefined => data.cases.get().value.find((one) => one.id === id && !ENDED.has(one.properties.state));

  function group(title: string, ...content: Child[]): HTMLElement {
    return h('section', { class: 'mine-group', 'aria-label': title }, h('h2', { class: 'section-title' }, title), content);
  }

  /// Back on the list, what was done is said, with « Annuler ».
  async function finished(id: number, text: string, undone: (() => Child) | null = null, ...more: Child[]): Promise<void> {
    await data.refreshCases();
    to();
    done.say(
      text,
      async () => {
        await undoMove(id);
        await data.refreshCases();
        return undone?.() ?? null;
      },
      more,
    );
  }

  // ---- proposals

  function proposal(one: Case): HTMLElement {
    const p: LivedProps = one.properties;
    const place = quarterName(data.quarters.get().value, p.quarter);
    const spoken = languages(p.languages ?? []);
    let busy = false;
    async function accept(): Promise<void> {
      if (busy) return;
      busy = true;
      yes.setAttribute('aria-disabled', 'true');
      try {
        await moveNow(one.id, { act: 'accept' });
        await data.refreshCases();
        const now = caseOf(one.id);
        await finished(
          one.id,
          t('mine.accepted', { name: now && !isProposal(now) ? caseName(now) : t('coordination.nameless') }),
          null,
          h('a', { class: 'inline-link', href: hrefOf('people', [one.id]) }, t('mine.accepted_open')),
        );
      } catch (error) {
        done.fail(error);
        void data.refreshCases();
      } finally {
        busy = false;
        yes.removeAttribute('aria-disabled');
      }
    }
    const yes = h('button', { type: 'button', class: 'button button-main button-big', on: { click: () => void accept() } }, t('mine.yes'));
    return h(
      'li',
      { class: 'proposal' },
      h(
        'div',
        { class: 'proposal-text' },
        h('strong', {}, place === null ? t('mine.somebody') : t('people.proposal_in', { quarter: place })),
        p.walking !== undefined && h('p', {}, label('people.walking', p.walking)),
        h('p', {}, t('mine.asked_for', { needs: needsInWords(p) })),
        spoken !== '' && h('p', {}, t('people.speaks', { languages: spoken })),
        p.answer_due_at !== undefined && h('p', { class: 'proposal-due' }, icon('clock'), h('span', {}, t('mine.answer_by', { time: dateTime(p.answer_due_at) }))),
      ),
      mayWrite() &&
        h(
          'div',
          { class: 'proposal-acts' },
          yes,
          h('button', { type: 'button', class: 'button', 'data-id': `${one.id}/non`, on: { click: () => to(one.id, 'non') } }, t('mine.no')),
        ),
    );
  }

  // ---- the list

  /// `short` shows the verb alone; the number is read all the same.
  function callButton(one: Case, short: boolean): HTMLElement | false {
    const { phone = '' } = one.properties;
    if (phone === '') return false;
    const whole = t('people.call', { phone: phone.replaceAll(' ', '\u00a0') });
    const href = `tel:${phone.replace(/[^+\d]/g, '')}`;
    return short
      ? h('a', { class: 'button', href, 'aria-label': t('mine.call_at', { name: caseName(one), phone }) }, icon('call'), t('mine.call'))
      : h('a', { class: 'button button-big', href }, icon('call'), whole);
  }

  function card(one: Case): HTMLElement {
    const p: LivedProps = one.properties;
    const name = caseName(one);
    return h(
      'li',
      { class: 'person' },
      h(
        'a',
        { class: 'row row-tall', href: hrefOf('people', [one.id]), 'data-id': one.id },
        symbol(`case-${caseTone(one)}`),
        h(
          'span',
          { class: 'row-text' },
          h('span', { class: 'row-name' }, name),
          h('span', { class: 'person-next' }, nextVisit(p, today())),
          h('span', { class: 'row-sub' }, p.address ?? ''),
          p.danger === true && h('span', {}, h('span', { class: 'tag tag-danger' }, t('mine.danger_tag'))),
        ),
      ),
      mayWrite() &&
        h(
          'div',
          { class: 'person-acts' },
          h('a', { class: 'button button-main', href: hrefOf('people', [one.id, 'visite']), 'data-id': `${one.id}/visite`, 'aria-label': t('mine.note_for', { name }) }, icon('pencil'), t('mine.note')),
          callButton(one, true),
        ),
    );
  }

  function render(): void {
    const state = data.cases.get();
    if (state.status === 'loading') {
      fill(body, skeleton(4));
      return;
    }
    if (state.status === 'failed') {
      fill(body, problemBox(said(state.error), () => void data.refresh()));
      return;
    }
    const proposed = state.value.filter(isProposal);
    const own = state.value.filter((one) => !isProposal(one) && !ENDED.has(one.properties.state)).sort(byNext);
    const focused = (document.activeElement as HTMLElement | null)?.dataset['id'];
    fill(
      body,
      proposed.length > 0 && group(t('mine.proposed'), h('ul', { class: 'mine-proposals' }, proposed.map(proposal)), h('p', { class: 'hint' }, t('mine.before_yes'))),
      own.length > 0 &&
        group(
          t('mine.own'),
          h('ul', { class: 'persons' }, own.map(card)),
          h('button', { type: 'button', class: 'button button-wide mine-map', on: { click: () => ctx.showMap() } }, icon('map'), t('mine.map')),
        ),
      own.length === 0 && proposed.length === 0 && emptyBox(t('people.none'), t('people.none_next'), null),
    );
    if (focused !== undefined) panel.list.querySelector<HTMLElement>(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  // ---- one person

  function visitLine(one: VisitLine): HTMLElement {
    const noticed = one.impressions.map((code) => label('follow.impressions', code)).join(', ');
    return h(
      'li',
      {},
      h('strong', {}, date(one.on)),
      ` · ${label('follow.kinds', one.kind)}`,
      noticed !== '' && h('p', {}, noticed),
      one.note !== '' && h('p', { class: 'notes' }, one.note),
    );
  }

  function visitsOf(one: Case): HTMLElement {
    const state = h('div', {});
    const list = h('div', {});
    const life = source<Life>(state, 2, (signal) => fetchLife(one.id, signal), ({ visits }) => {
      const newest = [...visits].reverse();
      const older = newest.slice(VISITS);
      fill(
        list,
        newest.length === 0
          ? h('p', { class: 'hint' }, t('mine.visits_none'))
          : [
              h('ul', { class: 'visits' }, newest.slice(0, VISITS).map(visitLine)),
              older.length > 0 && h('details', { class: 'mine-more' }, h('summary', {}, t('mine.visits_all')), h('ul', { class: 'visits' }, older.map(visitLine))),
            ],
      );
    });
    life.load();
    return h('section', { class: 'mine-group', 'aria-label': t('mine.visits') }, h('h3', {}, t('mine.visits')), state, list);
  }

  function personPage(one: Case): HTMLElement {
    const p: LivedProps = one.properties;
    const link = linkOf(one);
    const name = caseName(one);
    const spoken = languages(p.languages ?? []);
    return myPage(
      () => to(),
      t('mine.back'),
      name,
      h('p', { class: 'mine-sub' }, nextVisit(p, today())),
      p.danger === true && dangerBanner(p.signs ?? []),
      h(
        'div',
        { class: 'mine-acts' },
        mayWrite() && h('a', { class: 'button button-main button-big', href: hrefOf('people', [one.id, 'visite']) }, icon('pencil'), t('mine.note')),
        callButton(one, false),
      ),
      h(
        'section',
        { class: 'mine-group', 'aria-label': t('case.address') },
        h('h3', {}, t('case.address')),
        h('p', {}, (p.address ?? '') === '' ? t('common.none') : p.address),
        link && h('p', { class: 'hint' }, walk(link.properties.duration_s, link.properties.length_m)),
        placeWarning(ctx, p),
        one.geometry !== null &&
          h(
            'button',
            {
              type: 'button',
              class: 'button',
              on: {
                click: () => {
                  ctx.showMap();
                  draw(one, true);
                },
              },
            },
            icon('map'),
            t('mine.way'),
          ),
      ),
      h(
        'section',
        { class: 'mine-group', 'aria-label': t('mine.know') },
        h('h3', {}, t('mine.know')),
        h(
          'dl',
          { class: 'facts' },
          fact(t('mine.needs'), needsInWords(p)),
          spoken !== '' && fact(t('case.languages'), spoken),
          (p.notes ?? '') !== '' && fact(t('case.notes'), h('span', { class: 'notes' }, p.notes)),
        ),
        h('details', { class: 'mine-more' }, h('summary', {}, t('mine.know_all')), caseFacts(ctx, one)),
      ),
      visitsOf(one),
      mayWrite() &&
        h(
          'div',
          { class: 'mine-acts mine-last' },
          h('a', { class: 'button button-worry', href: hrefOf('people', [one.id, 'inquiet']) }, icon('warning'), t('mine.worry', { name })),
          h('a', { class: 'button button-quiet', href: hrefOf('people', [one.id, 'arret']) }, t('mine.stop')),
        ),
    );
  }

  function unknown(): HTMLElement {
    return myPage(() => to(), t('mine.back'), t('people.unknown'), h('p', {}, t('mine.unknown_next')));
  }

  /// The line under a name, which follows the case while a form is being filled.
  function followed(one: Case): { line: HTMLElement; update(): void } {
    const line = h('p', { class: 'mine-sub' }, nextVisit(one.properties, today()));
    return {
      line,
      update: () =>
        void data.refreshCases().then(() => {
          const now = caseOf(one.id);
          line.textContent = now ? nextVisit(now.properties, today()) : t('people.unknown');
        }),
    };
  }

  function actPage(one: Case, what: string): HTMLElement | null {
    const name = caseName(one);
    const { line, update } = followed(one);
    const act = moveAsSeen(one.id, update);
    const back = (): void => to(one.id);
    switch (what) {
      case 'visite':
        return myPage(
          back,
          name,
          t('mine.note_for', { name }),
          line,
          visitForm(one.id, act, (draft, nextOn) =>
            finished(
              one.id,
              t('my_visit.saved', { kind: label('my_visit.said', draft.kind), name }),
              () => {
                keepVisit(one.id, draft);
                return h('a', { class: 'inline-link', href: hrefOf('people', [one.id, 'visite']) }, t('my_visit.kept'));
              },
              nextOn !== null && h('p', {}, t('mine.next_on', { date: date(nextOn) })),
            ),
          ),
        );
      case 'inquiet':
        return myPage(
          back,
          name,
          t('mine.worry', { name }),
          null,
          emergencyNumbers(),
          h(
            'section',
            { class: 'mine-group', 'aria-label': t('mine.danger_tell') },
            h('h3', {}, t('mine.danger_tell')),
            h('p', {}, t('mine.danger_what')),
            dangerForm((move) => act(move).then(() => finished(one.id, t('mine.danger_done')))),
          ),
          h(
            'section',
            { class: 'mine-group', 'aria-label': t('mine.calm') },
            h('h3', {}, t('mine.calm')),
            h('p', {}, t('mine.calm_what')),
            h('a', { class: 'button button-wide', href: 'tel:0235194545' }, icon('call'), t('my_visit.silence_call')),
          ),
        );
      case 'arret':
        return myPage(back, name, t('mine.stop_title', { name }), null, h('p', {}, t('mine.stop_what')), releaseForm((move) => act(move).then(() => finished(one.id, t('mine.stop_done', { name })))));
      default:
        return null;
    }
  }

  function declinePage(one: Case): HTMLElement {
    const act = moveAsSeen(one.id, () => void data.refreshCases());
    return myPage(() => to(), t('mine.back'), t('mine.no_title'), h('p', { class: 'mine-sub' }, t('mine.no_what')), declineForm((move) => act(move).then(() => finished(one.id, t('mine.no_done')))));
  }

  function awayPage(): HTMLElement {
    return myPage(
      () => to(),
      t('mine.back'),
      t('mine.away'),
      h('p', { class: 'mine-sub' }, t('mine.away_what')),
      awayForm(async (days) => {
        const { id } = await addAbsence(days);
        away.load();
        to();
        done.say(t('away.saved', { days: daysInWords(days) }), async () => {
          await removeAbsence(id);
          away.load();
          return null;
        });
      }),
    );
  }

  /// What the open page was made of: while it says the same, it stays as it is.
  let made = '';
  const madeOf = (one: Case | undefined): string => JSON.stringify([one, one && linkOf(one)?.properties]);

  function draw(one: Case | undefined, fit: boolean): void {
    map.select('case', one?.id ?? null);
    const link = one && linkOf(one);
    const path = link?.geometry.coordinates ?? [];
    map.showWays(link ? [{ id: one.id, path, from: null, to: one.geometry?.coordinates ?? null }] : [], one?.id ?? null);
    if (!fit) return;
    if (path.length > 1) map.fitTo(path);
    else if (one?.geometry) map.goTo(one.geometry.coordinates);
  }

  const opened = openByAddress(ctx, 'people', ([first, what]) => {
    if (first === AWAY) return mayWrite() && account() ? awayPage() : unknown();
    if (data.cases.get().status === 'loading') return null;
    const one = caseOf(idOf(first));
    made = madeOf(one);
    if (!one) return unknown();
    if (isProposal(one)) return what === 'non' && mayWrite() ? declinePage(one) : unknown();
    draw(one, true);
    if (what === undefined) return personPage(one);
    return (mayWrite() ? actPage(one, what) : null) ?? unknown();
  });

  const again = (): void => {
    render();
    opened.arrive();
    const { parts } = opened.route();
    // A form is never made again under the hand that fills it.
    if (parts.length === 1 && parts[0] !== AWAY && panel.detailOpen() && madeOf(caseOf(idOf(parts[0]))) !== made) opened.redraw(false);
  };
  undo.add(data.cases.watch(again));
  undo.add(data.links.changed(again));
  undo.add(data.quarters.changed(render));
  undo.add(
    ctx.route.changed((next) => {
      if (next.mode !== 'people' || next.parts.length > 0) return;
      draw(undefined, false);
    }),
  );
  undo.add(opened.drop);
  undo.add(away.drop);
  undo.add(() => {
    done.clear();
    draw(undefined, false);
    panel.clear();
  });
  if (opened.route().parts.length === 0) map.fitAll();
  opened.arrive();
  away.load();
  return undo.empty;
};
