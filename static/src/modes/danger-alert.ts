/// At the head of the coordination's list: how many people are in danger whom nobody has called back yet. Said aloud when
/// there is one more, whatever the list shows at that moment.
import type { Case } from '../api/types';
import { formatRoute } from '../state/route';
import { t, tn } from '../text';
import { announce } from '../ui/announce';
import { fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { caseName, caseTone } from './tones';

export function dangerAlert(): { readonly element: HTMLElement; show(cases: readonly Case[]): void } {
  const element = h('div', { class: 'danger-alert' });
  let before: number | null = null;
  let drawn = '';
  return {
    element,
    show(cases) {
      const inDanger = cases.filter((one) => caseTone(one) === 'danger').sort((a, b) => b.properties.reported_on.localeCompare(a.properties.reported_on) || b.id - a.id);
      const next = JSON.stringify(inDanger.map((one) => [one.id, one.properties.name]));
      if (next !== drawn) {
        drawn = next;
        fill(
          element,
          inDanger.length > 0 &&
            h(
              'div',
              { class: 'callout callout-danger' },
              icon('warning'),
              h(
                'div',
                {},
                h('strong', {}, tn('coordination.in_danger', inDanger.length)),
                h(
                  'ul',
                  { class: 'plain-list' },
                  inDanger.slice(0, 3).map((one) => h('li', {}, h('a', { href: formatRoute({ mode: 'coordination', view: 'case', id: one.id, filter: 'all' }) }, caseName(one)), ' ', h('span', { class: 'reference' }, one.properties.reference))),
                ),
                inDanger.length > 3 && h('p', {}, t('coordination.in_danger_more')),
              ),
            ),
        );
      }
      if (before !== null && inDanger.length > before) announce(tn('coordination.in_danger', inDanger.length));
      before = inDanger.length;
    },
  };
}
