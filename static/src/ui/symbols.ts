/// The markers, drawn by us: case = round, volunteer = house, relay = window with a sticker. Shape first, then fill and
/// ring say the state. Counts per hexagon: the more persons, the thicker the rim. The same drawings serve the legend and the
/// lists.

export type CaseTone = 'waiting' | 'accompanied' | 'danger' | 'closed';
export type VolunteerTone = 'free' | 'full';
export type RelayTone = 'sticker' | 'plain';
/// How many, as a step of four.
export type CountStep = 1 | 2 | 3 | 4;
export type SymbolName = `count-${CountStep}` | `case-${CaseTone}` | `volunteer-${VolunteerTone}` | `relay-${RelayTone}`;

const SVG = 'http://www.w3.org/2000/svg';

type Shape = readonly [tag: string, attributes: Readonly<Record<string, string>>];

const HEXAGON: Shape = ['path', { d: 'M12 2.5 20.2 7.2v9.6L12 21.5 3.8 16.8V7.2z', class: 's-hex' }];

const SHAPES: Readonly<Record<SymbolName, readonly Shape[]>> = {
  'case-waiting': [
    ['circle', { cx: '12', cy: '12', r: '8.5', class: 's-fill' }],
    ['circle', { cx: '12', cy: '12', r: '3', class: 's-dot' }],
  ],
  'case-danger': [
    ['circle', { cx: '12', cy: '12', r: '9.5', class: 's-fill' }],
    ['path', { d: 'M12 6.8v6.2', class: 's-mark' }],
    ['circle', { cx: '12', cy: '16.6', r: '1.4', class: 's-dot' }],
  ],
  'case-accompanied': [
    ['circle', { cx: '12', cy: '12', r: '8', class: 's-fill' }],
    ['path', { d: 'M8.3 12.3l2.6 2.6 4.9-5.4', class: 's-mark' }],
  ],
  'case-closed': [['circle', { cx: '12', cy: '12', r: '6', class: 's-fill' }]],
  'volunteer-free': [
    ['path', { d: 'M12 2.8 3 10.6h2.3V20.5h13.4V10.6H21z', class: 's-fill' }],
    ['path', { d: 'M12 17.4c-3.1-2-4-3.2-4-4.5a2 2 0 0 1 4-.6 2 2 0 0 1 4 .6c0 1.3-.9 2.5-4 4.5z', class: 's-dot' }],
  ],
  'volunteer-full': [
    ['path', { d: 'M12 2.8 3 10.6h2.3V20.5h13.4V10.6H21z', class: 's-fill' }],
    ['path', { d: 'M8.5 14.4h7', class: 's-mark' }],
  ],
  'relay-sticker': [
    ['rect', { x: '3.5', y: '4.5', width: '17', height: '15', rx: '2', class: 's-fill' }],
    ['path', { d: 'M12 4.5v15M3.5 12h17', class: 's-pane' }],
    ['circle', { cx: '16.4', cy: '15.8', r: '4', class: 's-sticker' }],
  ],
  'count-1': [HEXAGON],
  'count-2': [HEXAGON],
  'count-3': [HEXAGON],
  'count-4': [HEXAGON],
  'relay-plain': [
    ['rect', { x: '4.5', y: '5.5', width: '15', height: '13', rx: '2', class: 's-fill' }],
    ['path', { d: 'M12 5.5v13M4.5 12h15', class: 's-pane' }],
  ],
};

export function symbol(name: SymbolName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `symbol symbol-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  for (const [tag, attributes] of SHAPES[name]) {
    const shape = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
    svg.append(shape);
  }
  return svg;
}
