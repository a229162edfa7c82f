/// The colours of the map, read from the tokens of the style sheet so that light, dark and high contrast are one list.

/// Limits of the coverage classes, in minutes; one more class lies beyond the last.
export const CLASS_LIMITS_MIN = [3, 5, 10, 15] as const;

export interface MapColours {
  readonly paper: string;
  readonly ink: string;
  readonly water: string;
  readonly green: string;
  readonly rail: string;
  readonly street: string;
  readonly streetMain: string;
  readonly casing: string;
  readonly path: string;
  readonly label: string;
  readonly halo: string;
  readonly quarter: string;
  readonly mask: string;
  readonly way: string;
  readonly wayOther: string;
  readonly highlight: string;
  readonly link: string;
  /// One per class, near to far.
  readonly ramp: readonly string[];
  readonly hex: string;
  readonly count: string;
}

let cached: MapColours | null = null;

export function mapColours(): MapColours {
  if (cached) return cached;
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  cached = {
    paper: token('--map-paper'),
    ink: token('--ink'),
    water: token('--map-water'),
    green: token('--map-green'),
    rail: token('--map-rail'),
    street: token('--map-street'),
    streetMain: token('--map-street-main'),
    casing: token('--map-casing'),
    path: token('--map-path'),
    label: token('--map-label'),
    halo: token('--map-halo'),
    quarter: token('--map-quarter'),
    mask: token('--map-mask'),
    way: token('--map-way'),
    wayOther: token('--map-way-other'),
    highlight: token('--map-highlight'),
    link: token('--map-link'),
    ramp: [1, 2, 3, 4, 5].map((step) => token(`--reach-${step}`)),
    hex: token('--reach-5'),
    count: token('--coral'),
  };
  return cached;
}

/// Calls back when the colour scheme or the contrast wish changes.
export function onColoursChange(listener: () => void): void {
  for (const query of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)']) {
    matchMedia(query).addEventListener('change', () => {
      cached = null;
      listener();
    });
  }
}
