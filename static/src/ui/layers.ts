/// The layer control: our own list of checkboxes, with the legend beside each layer.
import type { Cell } from '../state/cell';
import type { Layers, PointLayer } from '../state/layers';
import { t, type TextKey } from '../text';
import { freshId, h } from './dom';
import { icon } from './icons';
import { reachLegend } from './legend';
import { symbol, type SymbolName } from './symbols';

const LEGENDS: Readonly<Partial<Record<PointLayer, readonly (readonly [SymbolName, TextKey])[]>>> = {
  cases: [
    ['case-waiting', 'map.legend_waiting'],
    ['case-danger', 'map.legend_danger'],
    ['case-accompanied', 'map.legend_accompanied'],
    ['case-closed', 'map.legend_closed'],
  ],
  volunteers: [
    ['volunteer-free', 'map.legend_free'],
    ['volunteer-full', 'map.legend_full'],
  ],
  relays: [
    ['relay-sticker', 'map.legend_sticker'],
    ['relay-plain', 'map.legend_plain'],
  ],
  case_hexes: [
    ['count-1', 'case_hexes.bands.5_to_9'],
    ['count-2', 'case_hexes.bands.10_to_19'],
    ['count-3', 'case_hexes.bands.20_to_49'],
    ['count-4', 'case_hexes.bands.50_or_more'],
  ],
};

/// `offered`: the layers that there is something to show of; `times`: whether the streets tell walking times.
export function layerControl(layers: Cell<Layers>, classLimits: readonly number[], offered: readonly PointLayer[], times: boolean): { element: HTMLElement; drop: () => void } {
  const name = freshId('streets');
  const radios = (['plain', 'volunteer', 'relay'] as const).map((value) => {
    const input = h('input', {
      type: 'radio',
      name,
      value,
      on: { change: () => layers.set({ ...layers.get(), streets: value }) },
    });
    return { value, input, label: h('label', { class: 'check' }, input, h('span', {}, t(`map.streets_${value}`))) };
  });
  const legend = h('div', { class: 'layer-legend' }, reachLegend(classLimits));
  const boxes = offered.map((layer) => {
    const input = h('input', {
      type: 'checkbox',
      'data-layer': layer,
      on: { change: () => layers.set({ ...layers.get(), [layer]: input.checked }) },
    });
    const entries = LEGENDS[layer];
    const key =
      layer === 'hexes'
        ? h(
            'div',
            { class: 'layer-legend hex-legend' },
            h('span', {}, t('map.hex_low')),
            h('span', { class: 'hex-ramp', 'aria-hidden': 'true' }),
            h('span', {}, t('map.hex_high')),
            h('span', { class: 'hint' }, t('map.hex_legend')),
          )
        : entries &&
          h(
            'ul',
            { class: 'layer-legend symbols' },
            entries.map(([mark, text]) => h('li', {}, symbol(mark), t(text))),
            layer === 'case_hexes' && h('li', { class: 'hint' }, t('case_hexes.legend_next')),
          );
    return { layer, input, key, label: h('label', { class: 'check' }, input, h('span', {}, t(`map.${layer}`))) };
  });
  const element = h(
    'details',
    { class: 'layers' },
    h('summary', { class: 'map-button' }, icon('layers'), h('span', {}, t('map.layers'))),
    h(
      'div',
      { class: 'layers-body' },
      times && h('fieldset', {}, h('legend', {}, t('map.streets_group')), radios.map((radio) => radio.label), legend),
      h('fieldset', {}, h('legend', {}, t('map.points_group')), boxes.map((box) => [box.label, box.key])),
    ),
  );
  const drop = layers.watch((value) => {
    for (const radio of radios) radio.input.checked = radio.value === value.streets;
    legend.hidden = value.streets === 'plain';
    for (const box of boxes) {
      box.input.checked = value[box.layer];
      if (box.key) box.key.hidden = !value[box.layer];
    }
  });
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !element.open) return;
    event.stopPropagation();
    element.open = false;
    element.querySelector('summary')?.focus();
  });
  return { element, drop };
}
