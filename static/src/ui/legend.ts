/// The legend of the walking-time classes.
import { t } from '../text';
import { h } from './dom';

/// `limits` in minutes, ascending; the swatches take their colour from the tokens `--reach-1…`.
export function reachLegend(limits: readonly number[]): HTMLElement {
  const labels = limits.map((limit, i) =>
    i === 0 ? t('legend.under', { n: limit }) : t('legend.between', { a: limits[i - 1] as number, b: limit }),
  );
  labels.push(t('legend.over', { n: limits.at(-1) as number }));
  return h(
    'ul',
    { class: 'legend' },
    labels.map((text, i) => h('li', {}, h('span', { class: `swatch reach-${i + 1}`, 'aria-hidden': 'true' }), text)),
    h('li', {}, h('span', { class: 'swatch swatch-dashed', 'aria-hidden': 'true' }), t('legend.uncovered')),
  );
}
