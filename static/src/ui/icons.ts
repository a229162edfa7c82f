/// Pictograms of the interface, as our own inline SVG; always beside a word or a label.

const SVG = 'http://www.w3.org/2000/svg';

const PATHS = {
  coordination: 'M12 12.2a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2zM4.8 19.5c.6-3.4 3.5-5.2 7.2-5.2s6.6 1.8 7.2 5.2',
  coverage: 'M4 6.500l5.3-2 5.4 2 5.3-2v13l-5.3 2-5.4-2-5.3 2zM9.3 4.500v13M14.7 6.500v13',
  relays: 'M4.5 10v9.500h15V10M3 10l1.8-5.500h14.400L21 10c0 1.5-1.2 2.5-2.6 2.500S16 11.5 16 10c0 1.5-1.2 2.5-2.7 2.500h-2.600C9.2 12.5 8 11.5 8 10c0 1.5-1 2.5-2.4 2.500S3 11.5 3 10zM9.5 19.500v-4h5v4',
  help: 'M12 20.500a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM9.6 9.600a2.45 2.45 0 1 1 3.5 2.300c-.7.4-1.1.800-1.1 1.600M12 16.400v.2',
  back: 'M14.5 5.5 8 12l6.5 6.5',
  plus: 'M12 5v14M5 12h14',
  map: 'M12 21c-4.4-4.6-6.5-8-6.5-11a6.5 6.5 0 0 1 13 0c0 3-2.1 6.4-6.5 11zM12 12.300a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.600z',
  list: 'M8.5 6.500H20M8.5 12H20M8.5 17.500H20M4.3 6.500h.2M4.3 12h.2M4.3 17.500h.2',
  layers: 'M12 4 3.5 8.5 12 13l8.5-4.500zM4 12.500l8 4.3 8-4.300M4 16.300l8 4.2 8-4.2',
  close: 'M6 6l12 12M18 6 6 18',
  download: 'M12 4v11M7.5 11 12 15.5 16.5 11M4.5 19.500h15',
  walk: 'M13 5.200a1.2 1.2 0 1 0 0-.2M9 20.500l2.2-5.5-1.7-3 .9-4 2.6.6 1.6 2.6 2.4.8M8 11.500l1.3-3M11.2 15l2.3 2 1 3.5',
  search: 'M10.8 17.300a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.6 15.6 20 20',
  warning: 'M12 4 2.8 19.500h18.400zM12 10v4.500M12 16.900v.2',
  fit: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}
