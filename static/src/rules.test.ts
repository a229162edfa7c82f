/// The rules that hold the page together: who may import whom, where Leaflet lives, no markup from data, no words in code,
/// colours that can be told apart.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { describe, expect, it } from 'vitest';

const ROOT = join(process.cwd(), 'src');

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}

const sources = files(ROOT)
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .map((path) => ({ path: relative(ROOT, path), text: readFileSync(path, 'utf8') }));

function imports(text: string): string[] {
  return [...text.matchAll(/(?:from|import) '([^']+)'/g)].map((match) => match[1] as string);
}

function resolve(from: string, target: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/// What siblings may share: they hold types, elements or drawings, and import nothing above `state`.
const LEAVES = new Set(['api/types', 'ui/dom', 'ui/symbols']);
const FLOORS: Readonly<Record<string, number>> = { 'main.ts': 4, modes: 3, ui: 2, map: 2, api: 2, state: 1, text: 1 };
const floorOf = (path: string): [string, number] => {
  const name = path.split('/')[0] as string;
  return [name, FLOORS[name] ?? -1];
};

describe('imports', () => {
  it('only map/ imports Leaflet', () => {
    const wrong = sources.filter(({ path, text }) => !path.startsWith('map/') && imports(text).some((target) => target.startsWith('leaflet')));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('positions become Leaflet’s [lat, lon] in map/convert.ts alone', () => {
    const wrong = sources.filter(({ path, text }) => path !== 'map/convert.ts' && /L\.latLng\(/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('main → modes → (ui | map | api) → (state | text), and siblings share leaves only', () => {
    const wrong: string[] = [];
    for (const { path, text } of sources) {
      const [folder, floor] = floorOf(path);
      expect(floor, path).toBeGreaterThan(0);
      for (const target of imports(text)) {
        if (!target.startsWith('.') || target.endsWith('.css') || target.includes('?raw') || target.endsWith('.json')) continue;
        const file = resolve(path, target);
        const [other, below] = floorOf(file);
        if (other === folder || LEAVES.has(file)) continue;
        if (below >= floor) wrong.push(`${path} → ${file}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('leaves import nothing but leaves', () => {
    for (const { path, text } of sources) {
      if (LEAVES.has(path.replace(/\.ts$/, ''))) expect(imports(text), path).toEqual([]);
    }
  });
});

describe('source', () => {
  it('never turns text into markup', () => {
    const wrong = sources.filter(({ text }) => /innerHTML|outerHTML|insertAdjacentHTML|document\.write/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('never writes a style attribute, so that a strict content security policy holds', () => {
    const wrong = sources.filter(({ text }) => /setAttribute\('style'|\bstyle: '|\bstyle="/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('has no French in code: every text is in fr.json', () => {
    const wrong: string[] = [];
    for (const { path, text } of sources) {
      const code = text.replace(/\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '');
      for (const match of code.matchAll(/'([^'\n]*[éèêàçùôîû][^'\n]*)'/g)) wrong.push(`${path}: ${match[1]}`);
    }
    expect(wrong).toEqual(['ui/help.ts: Entrée', 'ui/help.ts: Échap'].filter((line) => wrong.includes(line)));
    expect(wrong.filter((line) => !line.startsWith('ui/help.ts'))).toEqual([]);
  });

  it('asks no other host', () => {
    const wrong = sources.filter(({ text }) => /https?:\/\/(?!www\.w3\.org)/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

// ---- the walking-time ramp

type Rgb = readonly [number, number, number];

function tokens(scheme: 'light' | 'dark'): Map<string, string> {
  const css = readFileSync(join(ROOT, 'styles/tokens.css'), 'utf8');
  const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)');
  const found = new Map<string, string>();
  for (const block of scheme === 'light' ? [light] : [light, dark.split('@media')[0] ?? '']) {
    for (const match of block.matchAll(/(--[\w-]+): (#[0-9a-f]{6})/g)) found.set(match[1] as string, match[2] as string);
  }
  return found;
}

function linear(hex: string): Rgb {
  const channel = (i: number): number => {
    const value = parseInt(hex.slice(i, i + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

const luminance = ([r, g, b]: Rgb): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;
const contrast = (a: Rgb, b: Rgb): number => {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
};

/// Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
const VISIONS: Readonly<Record<string, readonly Rgb[]>> = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
  grey: [[0.2126, 0.7152, 0.0722], [0.2126, 0.7152, 0.0722], [0.2126, 0.7152, 0.0722]],
};

function lab(rgb: Rgb): Rgb {
  const [r, g, b] = rgb.map((value) => Math.min(1, Math.max(0, value))) as unknown as Rgb;
  const f = (value: number): number => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

describe.each(['light', 'dark'] as const)('the walking-time ramp, %s', (scheme) => {
  const values = tokens(scheme);
  const ramp = [1, 2, 3, 4, 5].map((step) => linear(values.get(`--reach-${step}`) as string));
  const paper = linear(values.get('--map-paper') as string);

  it('stands out from the paper by 3 to 1', () => {
    for (const step of ramp) expect(contrast(step, paper)).toBeGreaterThanOrEqual(3);
  });

  it.each(Object.keys(VISIONS))('runs one way in lightness, with steps that can be told apart (%s)', (vision) => {
    const matrix = VISIONS[vision] as readonly Rgb[];
    const seen = ramp.map((colour) => lab(matrix.map((row) => row[0] * colour[0] + row[1] * colour[1] + row[2] * colour[2]) as unknown as Rgb));
    for (let i = 1; i < seen.length; i += 1) {
      const [a, b] = [seen[i - 1] as Rgb, seen[i] as Rgb];
      const step = b[0] - a[0];
      expect(scheme === 'light' ? -step : step, `${i} → ${i + 1}`).toBeGreaterThan(4);
      expect(Math.hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2]), `${i} → ${i + 1}`).toBeGreaterThan(8);
    }
  });
});

describe.each(['light', 'dark'] as const)('counts per hexagon, %s', (scheme) => {
  const values = tokens(scheme);

  it('have a rim that stands out from all of the base map by 3 to 1', () => {
    const rim = linear(values.get('--coral') as string);
    for (const ground of ['--map-paper', '--map-water', '--map-green', '--map-street', '--map-street-main']) {
      expect(contrast(rim, linear(values.get(ground) as string)), ground).toBeGreaterThanOrEqual(3);
    }
  });
});
