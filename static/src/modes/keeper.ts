/// Keeps the session while somebody works, and says so before it ends. Only what a person does counts as work: the page's
/// own questions (it asks for news every few seconds) do not, whatever the server makes of them. When the end is reached, the page ends the session on the
/// server too, so that a screen left alone shows nobody.
import { isAbort, Refused, remove, serverNow, Unreachable } from '../api/client';
import { fetchSession, fetchSessions } from '../api/session';
import { endingOf, WARN_MS } from '../state/idle';
import { session, signedOut } from '../state/session';
import { t, tn } from '../text';
import { announce } from '../ui/announce';
import { fill, h } from '../ui/dom';
import { icon } from '../ui/icons';

/// How often work is told to the server, at most.
const TELL_MS = 60_000;
const LOOK_MS = 5_000;

export function keepSession(banner: HTMLElement): void {
  let workedAt = 0;
  let toldAt = 0;
  let warned = false;

  const worked = (): void => {
    workedAt = Date.now();
  };
  for (const type of ['pointerdown', 'keydown', 'wheel', 'touchstart']) document.addEventListener(type, worked, { passive: true, capture: true });

  async function tell(): Promise<void> {
    toldAt = Date.now();
    try {
      const ending = endingOf(await fetchSession(), serverNow());
      // Asking who is signed in need not count as use; asking for something of one's own does.
      if (ending?.canStay === true && ending.leftMs < 2 * WARN_MS) {
        await fetchSessions();
        await fetchSession();
      }
    } catch (error) {
      // A session that has ended says so to the whole page.
      if (!(error instanceof Unreachable || error instanceof Refused) && !isAbort(error)) throw error;
    }
  }

  function hide(): void {
    warned = false;
    banner.replaceChildren();
  }

  async function end(): Promise<void> {
    hide();
    try {
      await remove('/session');
    } catch {
      // It has ended by itself, or nothing answers: what is shown goes all the same.
    }
    signedOut(session.get()?.known_device === true ? 'pin' : 'password');
  }

  async function look(): Promise<void> {
    const now = session.get();
    if (now?.signed_in !== true) {
      hide();
      return;
    }
    if (workedAt > toldAt && Date.now() - toldAt > TELL_MS && !warned) {
      await tell();
      return;
    }
    const ending = endingOf(now, serverNow());
    if (ending === null || ending.leftMs > WARN_MS) {
      hide();
      return;
    }
    if (ending.leftMs <= 0) {
      await end();
      return;
    }
    if (warned) return;
    warned = true;
    const minutes = Math.max(1, Math.ceil(ending.leftMs / 60_000));
    const text = tn('session.ends_in', minutes);
    announce(text);
    fill(
      banner,
      h(
        'div',
        { class: 'banner banner-warn' },
        icon('clock'),
        h('p', {}, h('strong', {}, text), ' ', t(ending.canStay ? 'session.ends_idle' : 'session.ends_day')),
        ending.canStay &&
          h(
            'button',
            {
              type: 'button',
              class: 'button',
              on: {
                click: () => {
                  hide();
                  void tell();
                },
              },
            },
            t('session.stay'),
          ),
      ),
    );
  }

  session.changed((next) => {
    // What was just said by the server is as good as having told it.
    if (next?.signed_in === true) toldAt = Date.now();
    hide();
  });
  setInterval(() => void look(), LOOK_MS);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void look();
  });
}
