/// The match of a case: the closest volunteers by walking time with their ways on the map, and why not the others.
import { fetchMatch, isAbort, isNothingYet } from '../api/client';
import type { Candidate, Case, LeftOut, Match, Position } from '../api/types';
import { t, tn } from '../text';
import { minutes, places, walk } from '../text/format';
import { announce } from '../ui/announce';
import { type Child, fill, h } from '../ui/dom';
import { emptyBox, problemBox, skeleton } from '../ui/problems';
import { symbol } from '../ui/symbols';
import { settle, walkable } from '../ui/walker';
import type { Context } from './context';
import { said } from './refusals';

export interface MatchPanel {
  readonly element: HTMLElement;
  /// Asks again, keeping the candidate in front.
  refresh(): void;
  leave(): void;
}

/// Where a volunteer's walk starts.
export function doorOf(ctx: Context, volunteer: number): Position | null {
  return ctx.data.volunteers.get().value.find((other) => other.id === volunteer)?.geometry?.coordinates ?? null;
}

export function matchPanel(ctx: Context, one: Case, title: string): MatchPanel {
  const body = h('div', { class: 'match-body', 'aria-live': 'off' });
  const element = h('section', { class: 'match', 'aria-label': title }, h('h3', {}, title), body);
  let abort: AbortController | null = null;
  let wanted = ctx.data.area.get()?.defaults.matches ?? 3;
  let front: number | null = null;
  let shown: Match | null = null;

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
    return h('li', {}, button);
  }

  function reason(left: LeftOut): string {
    const volunteer = ctx.data.volunteers.get().value.find((other) => other.id === left.volunteer_id)?.properties;
    switch (left.reason) {
      case 'full':
        return volunteer
          ? t('match.reasons.full_of', { load: volunteer.load, capacity: volunteer.capacity })
          : t('match.reasons.full');
      case 'too_far':
        return left.duration_s !== null && left.limit_s !== null
          ? t('match.reasons.too_far', { time: minutes(left.duration_s, true), limit: minutes(left.limit_s) })
          : t('match.reasons.too_far_short');
      case 'beyond_k':
        return left.duration_s !== null
          ? t('match.reasons.beyond_k', { time: minutes(left.duration_s) })
          : t('match.reasons.beyond_k_short');
      case 'inactive':
        return t('match.reasons.inactive');
      case 'unreachable':
        return t('match.reasons.unreachable');
      case 'unsnappable':
        return t('match.reasons.unsnappable');
      case 'unlocated':
        return t('match.reasons.unlocated');
      default:
        return t('match.reasons.other');
    }
  }

  function render(match: Match): void {
    shown = match;
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
    if (match.left_out.length > 0 && !match.danger && match.located === 'ok') {
      content.push(
        h(
          'details',
          { class: 'left-out', open: true },
          h('summary', {}, t('match.left_out')),
          h(
            'ul',
            {},
            match.left_out.map((left) =>
              h('li', {}, h('span', { class: 'left-out-name' }, left.name), ' — ', h('span', {}, reason(left))),
            ),
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

  load();
  return {
    element,
    refresh: load,
    leave() {
      abort?.abort();
      ctx.map.showWays([], null);
      ctx.map.showAlone('volunteer', []);
    },
  };
}
