/// The match of a case: the best suited volunteers with their ways on the map, why in this order, and why not the others.
import { fetchMatch, isAbort, isNothingYet } from '../api/client';
import type { Candidate, Case, LeftOut, Match, Position } from '../api/types';
import { mayWrite } from '../state/session';
import { t, tn } from '../text';
import { places, walk } from '../text/format';
import { announce } from '../ui/announce';
import { type Child, fill, h } from '../ui/dom';
import { emptyBox, problemBox, skeleton } from '../ui/problems';
import { symbol } from '../ui/symbols';
import { settle, walkable } from '../ui/walker';
import type { Context } from './context';
import type { CaseLife, Offer } from './case-life';
import { said } from './refusals';
import { leftOutWords, pointsInWords, termsOf } from './suit';

export interface MatchPanel {
  readonly element: HTMLElement;
  /// Asks again, keeping the candidate in front.
  refresh(): void;
  /// What can be offered has changed.
  offer(): void;
  /// Leads to the first volunteer who can be asked.
  focus(): void;
  leave(): void;
}

/// Where a volunteer's walk starts.
export function doorOf(ctx: Context, volunteer: number): Position | null {
  return ctx.data.volunteers.get().value.find((other) => other.id === volunteer)?.geometry?.coordinates ?? null;
}

export function matchPanel(ctx: Context, one: Case, title: string, life: CaseLife): MatchPanel {
  const body = h('div', { class: 'match-body', 'aria-live': 'off' });
  const element = h('section', { class: 'match', 'aria-label': title }, h('h3', { tabindex: '-1' }, title), body);
  let abort: AbortController | null = null;
  let wanted = ctx.data.area.get()?.defaults.matches ?? 3;
  let front: number | null = null;
  let shown: Match | null = null;
  let orderOpen = false;
  let focusWanted = false;
  let offered: Offer | null = null;

  function bringForward(id: number): void {
    if (!shown) return;
    front = id;
    for (const button of body.querySelectorAll<HTMLElement>('.candidate')) {
      button.setAttribute('aria-current', String(Number(button.dataset['id']) === id));
    }
    draw();
  }

  function draw(): void {
    ctx.map.showWays(
      (shown?.matches ?? []).map((candidate) => ({
        id: candidate.volunteer_id,
        path: candidate.path.coordinates,
        from: doorOf(ctx, candidate.volunteer_id),
        to: one.geometry?.coordinates ?? null,
      })),
      front,
    );
  }

  function candidateRow(candidate: Candidate, rank: number): HTMLElement {
    const id = candidate.volunteer_id;
    const button = h(
      'button',
      {
        type: 'button',
        class: 'candidate',
        'data-id': id,
        'aria-current': 'false',
        on: {
          click: () => {
            bringForward(id);
            ctx.map.fitTo(candidate.path.coordinates);
          },
          focus: () => bringForward(id),
          mouseenter: () => bringForward(id),
        },
      },
      h('span', { class: 'candidate-rank' }, `${rank}.`),
      h(
        'span',
        { class: 'candidate-text' },
        h('span', { class: 'candidate-name' }, candidate.name),
        h(
          'span',
          { class: 'candidate-figures' },
          `${walk(candidate.duration_s, candidate.length_m, candidate.profile !== 'foot')} · ${places(candidate.free)}`,
        ),
      ),
      symbol('volunteer-free'),
    );
    return h('li', {}, button, asks(id, candidate.name));
  }

  /// What can be done with a candidate; nothing for who only looks.
  function asks(id: number, name: string): HTMLElement | null {
    const offer = life.offer();
    if (!mayWrite()) return null;
    return h(
      'div',
      { class: 'candidate-acts' },
      offer !== null &&
        shown?.agreed === true &&
        h('button', { type: 'button', class: 'button button-main ask', on: { click: () => void life.ask(id, name) } }, t(`suit.${offer}`, { name })),
      h('button', { type: 'button', class: 'button button-quiet', 'aria-label': t('suit.bar_of', { name }), on: { click: () => void bar(id, name, true) } }, t('suit.bar')),
    );
  }

  async function bar(id: number, name: string, holds: boolean): Promise<void> {
    await life.bar(id, name, holds);
    load();
  }

  function leftRow(left: LeftOut): HTMLElement {
    const volunteer = ctx.data.volunteers.get().value.find((other) => other.id === left.volunteer_id)?.properties;
    return h(
      'li',
      {},
      h('span', {}, h('span', { class: 'left-out-name' }, left.name), ' — ', h('span', {}, leftOutWords(left, volunteer))),
      left.reason === 'conflict' &&
        mayWrite() &&
        h('button', { type: 'button', class: 'button button-quiet', 'aria-label': t('suit.unbar_of', { name: left.name }), on: { click: () => void bar(left.volunteer_id, left.name, false) } }, t('suit.unbar')),
    );
  }

  /// The points of each candidate, term by term.
  function order(match: Match): HTMLElement {
    const details = h(
      'details',
      { class: 'left-out order', open: orderOpen },
      h('summary', {}, t('suit.order')),
      h('p', { class: 'hint' }, t('suit.order_lead')),
      h(
        'ol',
        {},
        match.matches.map(({ name, points, load: people, knows }) =>
          h('li', {}, h('span', { class: 'left-out-name' }, name), ' — ', h('strong', {}, pointsInWords(points.total)), h('span', { class: 'terms' }, termsOf(points, people, knows))),
        ),
      ),
    );
    details.addEventListener('toggle', () => {
      orderOpen = details.open;
    });
    return details;
  }

  function render(match: Match): void {
    shown = match;
    offered = life.offer();
    if (!match.matches.some((candidate) => candidate.volunteer_id === front)) {
      front = match.matches[0]?.volunteer_id ?? null;
    }
    const content: Child[] = [];
    const beyond = match.left_out.filter((left) => left.reason === 'beyond_k');
    if (match.danger) {
      content.push(h('p', { class: 'callout callout-plain' }, t('case.danger.held')));
    } else if (match.located === 'unlocated') {
      content.push(h('p', { class: 'callout callout-plain' }, t('case.unlocated')));
    } else if (match.located === 'unsnappable') {
      content.push(h('p', { class: 'callout callout-plain' }, t('match.unsnappable')));
    } else if (match.matches.length === 0 && match.left_out.length === 0) {
      content.push(emptyBox(t('match.no_volunteer'), null, t('commands.volunteers')));
    } else if (match.matches.length === 0) {
      content.push(emptyBox(t('match.none'), t('match.none_next'), null));
    } else {
      const list = h(
        'ol',
        { class: 'candidates' },
        match.matches.map((candidate, i) => candidateRow(candidate, i + 1)),
      );
      walkable(list, '.candidate');
      if (!match.agreed) content.push(h('p', { class: 'callout callout-plain' }, t('suit.not_agreed')));
      content.push(list);
    }
    if (beyond.length > 0) {
      content.push(
        h(
          'button',
          {
            type: 'button',
            class: 'button button-quiet',
            on: {
              click: () => {
                wanted = match.matches.length + beyond.length;
                load();
              },
            },
          },
          t('match.show_more'),
        ),
      );
    }
    if (match.matches.length > 0) content.push(order(match));
    if (match.left_out.length > 0 && !match.danger && match.located === 'ok') {
      content.push(
        h(
          'details',
          { class: 'left-out', open: true },
          h('summary', {}, t('match.left_out')),
          h(
            'ul',
            {},
            match.left_out.map(leftRow),
          ),
        ),
      );
    }
    const hadFocus = body.contains(document.activeElement);
    fill(body, content);
    for (const button of body.querySelectorAll<HTMLElement>('.candidate')) {
      button.setAttribute('aria-current', String(Number(button.dataset['id']) === front));
    }
    settle(body, '.candidate');
    if (hadFocus) body.querySelector<HTMLElement>('.candidate[aria-current="true"]')?.focus();
    if (focusWanted) focusFirst();
    ctx.map.showAlone(
      'volunteer',
      match.matches.map((candidate) => candidate.volunteer_id),
    );
    draw();
    announce(
      match.danger
        ? t('case.danger.held')
        : match.matches[0]
          ? `${tn('match.found', match.matches.length)}. ${match.matches[0].name}, ${walk(match.matches[0].duration_s, match.matches[0].length_m)}`
          : t('match.none'),
    );
  }

  function load(): void {
    abort?.abort();
    const mine = new AbortController();
    abort = mine;
    element.setAttribute('aria-busy', 'true');
    if (!shown) fill(body, skeleton(3));
    fetchMatch(one.id, wanted, mine.signal)
      .then((match) => {
        if (mine.signal.aborted) return;
        const first = shown === null;
        render(match);
        if (!first) return;
        const line = match.matches[0]?.path.coordinates ?? [];
        if (line.length > 1) ctx.map.fitTo(match.matches.flatMap((candidate) => candidate.path.coordinates));
      })
      .catch((error: unknown) => {
        if (mine.signal.aborted || isAbort(error)) return;
        fill(
          body,
          isNothingYet(error)
            ? emptyBox(t('errors.no_network'), t('coverage.no_network_next'), t('commands.streets'))
            : problemBox(said(error), load),
        );
      })
      .finally(() => {
        if (!mine.signal.aborted) element.removeAttribute('aria-busy');
      });
  }

  function focusFirst(): void {
    focusWanted = shown === null;
    const target = body.querySelector<HTMLElement>('.ask') ?? element.querySelector<HTMLElement>('h3');
    target?.focus({ preventScroll: true });
    element.scrollIntoView({ block: 'start' });
  }

  load();
  return {
    element,
    refresh: load,
    focus: focusFirst,
    offer() {
      if (shown && life.offer() !== offered) render(shown);
    },
    leave() {
      abort?.abort();
      ctx.map.showWays([], null);
      ctx.map.showAlone('volunteer', []);
    },
  };
}
