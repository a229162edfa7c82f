/// Asks at most so often, the newest question only, giving up the one under way.
import { isAbort } from './client';

export interface Throttled<Q> {
  ask(question: Q): void;
  stop(): void;
}

export function throttled<Q, A>(
  everyMs: number,
  run: (question: Q, signal: AbortSignal) => Promise<A>,
  onAnswer: (answer: A, question: Q) => void,
  onError: (error: unknown) => void,
): Throttled<Q> {
  let last = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort: AbortController | null = null;

  const start = (question: Q): void => {
    last = performance.now();
    abort?.abort();
    const mine = new AbortController();
    abort = mine;
    run(question, mine.signal)
      .then((answer) => {
        if (!mine.signal.aborted) onAnswer(answer, question);
      })
      .catch((error: unknown) => {
        if (!mine.signal.aborted && !isAbort(error)) onError(error);
      });
  };

  return {
    ask(question) {
      clearTimeout(timer);
      const wait = last + everyMs - performance.now();
      if (wait <= 0) start(question);
      else timer = setTimeout(() => start(question), wait);
    },
    stop() {
      clearTimeout(timer);
      abort?.abort();
    },
  };
}
