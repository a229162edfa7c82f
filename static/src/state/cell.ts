/// A value that can be watched: the whole state machinery of the page.

export type Unsubscribe = () => void;

export interface ReadCell<T> {
  get(): T;
  /// Calls at once with the current value, then at each change.
  watch(listener: (value: T) => void): Unsubscribe;
  /// Calls at each change from now on.
  changed(listener: (value: T) => void): Unsubscribe;
}

export interface Cell<T> extends ReadCell<T> {
  set(value: T): void;
}

export function cell<T>(initial: T): Cell<T> {
  let current = initial;
  const listeners = new Set<(value: T) => void>();
  const changed = (listener: (value: T) => void): Unsubscribe => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    get: () => current,
    set(value) {
      if (Object.is(value, current)) return;
      current = value;
      for (const listener of [...listeners]) listener(value);
    },
    watch(listener) {
      const stop = changed(listener);
      listener(current);
      return stop;
    },
    changed,
  };
}

/// Gathers the things to undo when a mode is left.
export function bag(): { add(undo: () => void): void; empty(): void } {
  const undos: (() => void)[] = [];
  return {
    add(undo) {
      undos.push(undo);
    },
    empty() {
      for (const undo of undos.splice(0).reverse()) undo();
    },
  };
}
