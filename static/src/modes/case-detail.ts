/// One case: what to do first if a life is in danger, what is known, and who is closest.
import type { Case, Link } from '../api/types';
import { can, mayWrite } from '../state/session';
import { label, t } from '../text';
import { date, walk } from '../text/format';
import { type Child, fill, h } from '../ui/dom';
import { backButton } from '../ui/controls';
import { icon } from '../ui/icons';
import { symbol } from '../ui/symbols';
import { caseFacts, placeWarning } from './case-facts';
import { caseLife } from './case-life';
import { caseReports } from './case-reports';
import type { Context } from './context';
import { hrefOf } from './desk-parts';
import { doorOf, type MatchPanel, matchPanel } from './match';
import { caseName, caseTone, held, waits } from './tones';

export interface CaseDetail {
  readonly element: HTMLElement;
  /// The list of cases has changed.
  refresh(): void;
  /// Anything that the match depends on may have changed.
  rematch(): void;
  /// Names, ways or quarters have arrived or changed.
  rename(): void;
  leave(): void;
}

export function caseDetail(ctx: Context, first: Case, correctHref: string, onBack: () => void): CaseDetail {
  let one = first;
  let panel: MatchPanel | null = null;
  let fitted = false;
  const head = h('header', { class: 'detail-head' });
  const warnings = h('div', { class: 'detail-warnings' });
  const known = h('section', { class: 'detail-facts', 'aria-label': t('case.facts') });
  const helper = h('div', { class: 'detail-match' });
  const told = caseReports(one.id);
  let openMatch: () => void = () => undefined;
  const life = caseLife(ctx, one, {
    onLife: () => panel?.offer(),
    choose: () => {
      openMatch();
      panel?.focus();
    },
    onGone: onBack,
  });
  const element = h('article', { class: 'detail' }, backButton(onBack), head, life.danger, warnings, life.element, helper, known, told.element, life.record);

  function renderFacts(): void {
    const p = one.properties;
    fill(
      head,
      symbol(`case-${caseTone(one)}`),
      h(
        'div',
        {},
        h('h2', { tabindex: '-1' }, caseName(one)),
        h(
          'p',
          { class: 'detail-sub' },
          h('span', { class: 'reference' }, p.reference),
          caseTone(one) === 'danger' && h('span', { class: 'tag tag-danger' }, t('coordination.danger')),
          h('span', { class: `tag tag-${caseTone(one) === 'danger' ? 'waiting' : caseTone(one)}` }, label('case.states', p.state)),
          h('span', {}, t('coordination.reported', { date: date(p.reported_on) })),
        ),
      ),
    );
    fill(warnings, placeWarning(ctx, p));
    fill(
      known,
      h(
        'div',
        { class: 'facts-head' },
        h('h3', {}, t('case.facts')),
        mayWrite() && can('coordination') && h('a', { class: 'button button-quiet correct', href: correctHref, 'aria-label': t('correct.title', { reference: p.reference }) }, icon('pencil'), t('correct.open')),
      ),
      caseFacts(ctx, one),
      can('coordination') && held(one) && h('p', {}, h('a', { class: 'inline-link', href: hrefOf('sheet', [one.id]) }, t('follow.sheet'))),
    );
  }

  function linkOf(): Link | undefined {
    return ctx.data.links.get().value.find((link) => link.properties.case_id === one.id);
  }

  function drawAssigned(): void {
    const link = linkOf();
    const volunteer = one.properties.volunteer_id ?? null;
    if (volunteer === null) return;
    ctx.map.showAlone('volunteer', [volunteer]);
    ctx.map.showWays(
      link
        ? [
            {
              id: volunteer,
              path: link.geometry.coordinates,
              from: doorOf(ctx, volunteer),
              to: one.geometry?.coordinates ?? null,
            },
          ]
        : [],
      volunteer,
    );
  }

  function renderHelper(fit: boolean): void {
    const p = one.properties;
    const content: Child[] = [];
    openMatch = () => undefined;
    const volunteerId = p.volunteer_id ?? null;
    if (held(one) && volunteerId !== null) {
      const link = linkOf();
      const volunteer = ctx.data.volunteers.get().value.find((other) => other.id === volunteerId);
      const name = volunteer?.properties.name ?? t('case.volunteer');
      content.push(
        h(
          'section',
          { class: 'assigned', 'aria-label': t('case.volunteer') },
          symbol(volunteer && volunteer.properties.free > 0 ? 'volunteer-free' : 'volunteer-full'),
          h(
            'div',
            {},
            h('strong', {}, t(p.state === 'proposed' ? 'match.assigned_proposed' : 'match.assigned', { name })),
            link && h('p', { class: 'candidate-figures' }, walk(link.properties.duration_s, link.properties.length_m)),
          ),
        ),
      );
      if (!p.danger && p.sector !== 'unlocated') {
        const compare = h('button', { type: 'button', class: 'button button-quiet', on: { click: () => choose() } }, t('match.compare'));
        const choose = (): void => {
          if (panel !== null) return;
          panel = matchPanel(ctx, one, t('match.title_again'), life);
          compare.replaceWith(panel.element);
          panel.focus();
        };
        openMatch = choose;
        content.push(compare);
      }
      drawAssigned();
      if (fit && link) {
        fitted = true;
        ctx.map.fitTo(link.geometry.coordinates);
      }
    } else if (waits(one)) {
      if (!p.danger && p.sector !== 'unlocated') {
        panel = matchPanel(ctx, one, t('match.title'), life);
        content.push(panel.element);
      }
    } else {
      content.push(h('p', { class: 'hint' }, t('match.closed')));
    }
    fill(helper, content);
  }

  function place(): void {
    ctx.map.select('case', one.id);
    if (one.geometry) ctx.map.goTo(one.geometry.coordinates);
  }

  renderFacts();
  place();
  renderHelper(true);

  const dropPanel = (): void => {
    panel?.leave();
    panel = null;
    ctx.map.showWays([], null);
    ctx.map.showAlone('volunteer', []);
  };

  return {
    element,
    refresh() {
      const next = ctx.data.cases.get().value.find((other) => other.id === one.id);
      if (!next) return;
      const before = one;
      const changed = JSON.stringify(next.properties) !== JSON.stringify(before.properties);
      one = next;
      if (changed) {
        renderFacts();
        told.refresh();
        life.update(next);
      }
      const stateChanged =
        next.properties.state !== before.properties.state ||
        next.properties.volunteer_id !== before.properties.volunteer_id ||
        next.properties.danger !== before.properties.danger ||
        next.properties.sector !== before.properties.sector;
      if (stateChanged) {
        dropPanel();
        renderHelper(false);
      }
    },
    rename() {
      renderFacts();
      life.redraw();
      if (held(one) && panel === null) renderHelper(!fitted);
    },
    rematch() {
      if (panel) panel.refresh();
      else if (held(one)) drawAssigned();
    },
    leave() {
      told.leave();
      life.leave();
      dropPanel();
      ctx.map.select('case', null);
    },
  };
}
