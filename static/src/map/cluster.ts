/// Groups points that would lie on each other at a zoom: a plain grid, the same groups from the same points.

export interface Spot<T> {
  readonly x: number;
  readonly y: number;
  readonly items: readonly T[];
}

/// `points` in world pixels at zoom 0; `cell` in screen pixels. Groups of fewer than `least` stay single.
export function cluster<T>(
  points: readonly { readonly x: number; readonly y: number; readonly item: T }[],
  zoom: number,
  cell: number,
  least = 2,
): Spot<T>[] {
  const size = cell / 2 ** zoom;
  const groups = new Map<string, { x: number; y: number; item: T }[]>();
  for (const point of points) {
    const key = `${Math.floor(point.x / size)},${Math.floor(point.y / size)}`;
    const group = groups.get(key);
    if (group) group.push(point);
    else groups.set(key, [point]);
  }
  const spots: Spot<T>[] = [];
  for (const group of groups.values()) {
    if (group.length < least) {
      for (const { x, y, item } of group) spots.push({ x, y, items: [item] });
      continue;
    }
    const x = group.reduce((sum, point) => sum + point.x, 0) / group.length;
    const y = group.reduce((sum, point) => sum + point.y, 0) / group.length;
    spots.push({ x, y, items: group.map((point) => point.item) });
  }
  return spots;
}

/// Offsets in screen pixels that set apart points at the same place.
export function spread(count: number, radius: number): { dx: number; dy: number }[] {
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count - Math.PI / 2;
    return { dx: Math.cos(angle) * radius, dy: Math.sin(angle) * radius };
  });
}
