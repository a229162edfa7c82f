/// Where nobody knows the address: a point on the map, put by a click or a tap, or moved with the arrows from the keyboard.
import type { Position } from '../api/types';
import { t } from '../text';
import { announce } from '../ui/announce';
import { fill, freshId, h } from '../ui/dom';
import { icon } from '../ui/icons';
import type { Context } from './context';

const STEP_M = 10;
const LONG_STEP_M = 50;
const METRES_PER_DEGREE = 111_320;

type Direction = 'ArrowUp' | 'ArrowLeft' | 'ArrowRight' | 'ArrowDown';
/// East and north.
const WAYS: Readonly<Record<Direction, readonly [number, number]>> = {
  ArrowUp: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowDown: [0, -1],
};
const SIGNS: Readonly<Record<Direction, string>> = { ArrowUp: '↑', ArrowLeft: '←', ArrowRight: '→', ArrowDown: '↓' };
const isDirection = (key: string): key is Direction => Object.hasOwn(WAYS, key);

/// A point so many metres further in a direction.
export function moved([lon, lat]: Position, direction: Direction, metres: number): Position {
  const [east, north] = WAYS[direction];
  const across = METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180);
  return [lon + (east * metres) / across, lat + (north * metres) / METRES_PER_DEGREE];
}

/// Six decimals of a degree are ten centimetres: nobody knows better.
const rounded = ([lon, lat]: Position): Position => [Number(lon.toFixed(6)), Number(lat.toFixed(6))];

export interface PlacePart {
  readonly element: HTMLElement;
  /// The point was set or taken away elsewhere.
  set(position: Position | null): void;
  leave(): void;
}

/// `start` says where a first point lies, when the words tell something.
export function placePart(ctx: Context, first: Position | null, start: () => Promise<Position | null>, onChange: (position: Position | null) => void): PlacePart {
  let position = first;
  const hintId = freshId('pin');
  const box = h('div', { class: 'pin-box' });

  const put = (next: Position): void => {
    position = rounded(next);
    ctx.map.place(position, put);
    ctx.map.reveal(position);
    onChange(position);
  };

  const step = (direction: Direction, far: boolean): void => {
    if (position === null) return;
    put(moved(position, direction, far ? LONG_STEP_M : STEP_M));
    announce(t(`report.pin.moved.${direction}`), 150);
  };

  const pad = h(
    'div',
    {
      class: 'pin-pad',
      role: 'group',
      'aria-label': t('report.pin.pad'),
      'aria-describedby': hintId,
      on: {
        keydown: (event) => {
          if (!isDirection(event.key)) return;
          event.preventDefault();
          event.stopPropagation();
          step(event.key, event.shiftKey);
        },
      },
    },
    (Object.keys(WAYS) as Direction[]).map((direction) =>
      h(
        'button',
        {
          type: 'button',
          class: 'button',
          'aria-label': t(`report.pin.to.${direction}`),
          on: { click: (event) => step(direction, event.shiftKey) },
        },
        SIGNS[direction],
      ),
    ),
  );

  const open = h(
    'button',
    {
      type: 'button',
      class: 'button button-quiet pin-open',
      on: {
        click: () => {
          void begin();
        },
      },
    },
    icon('map'),
    t('report.pin.open'),
  );

  const remove = h(
    'button',
    {
      type: 'button',
      class: 'button button-quiet',
      on: {
        click: () => {
          position = null;
          ctx.map.place(null, null);
          onChange(null);
          show();
          open.focus();
        },
      },
    },
    t('report.pin.remove'),
  );

  async function begin(): Promise<void> {
    const from = position ?? (await start()) ?? ctx.map.centre();
    put(from);
    ctx.map.goTo(from);
    show();
    pad.querySelector('button')?.focus();
    announce(t('report.pin.put'));
  }

  function show(): void {
    if (position === null) fill(box, open);
    else fill(box, h('p', { class: 'hint', id: hintId }, t('report.pin.hint')), h('div', { class: 'pin-row' }, pad, remove));
  }

  if (position !== null) ctx.map.place(position, put);
  show();
  return {
    element: box,
    set(next) {
      if (next !== null && position !== null && next[0] === position[0] && next[1] === position[1]) return;
      const was = position;
      position = next;
      if (next === null && was === null) return;
      ctx.map.place(next, next === null ? null : put);
      if (next !== null) ctx.map.goTo(next);
      show();
    },
    leave: () => ctx.map.place(null, null),
  };
}
