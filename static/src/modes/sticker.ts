/// A relay's sticker: its code, and a sheet of paper with a QR code that brings the code along behind the `#` of the
/// address, where no server's log and no other page sees it.
import { Refused } from '../api/client';
import { fetchStickerCode, renewStickerCode, type StickerCode } from '../api/relay-reports';
import { bag } from '../state/cell';
import { formatRoute, type PlainRoute } from '../state/route';
import { mayWrite } from '../state/session';
import { t } from '../text';
import { date } from '../text/format';
import { notice } from '../ui/announce';
import { fill, h } from '../ui/dom';
import { icon } from '../ui/icons';
import { emptyBox, problemBox, skeleton } from '../ui/problems';
import { qrImage } from '../ui/qr';
import type { Enter } from './context';
import { said } from './refusals';

/// The sheet as it is printed: an A4 page of its own.
function sheet(name: string, { code, address, qr_svg: qr }: StickerCode): HTMLElement {
  const short = address.replace(/^https?:\/\//, '');
  return h(
    'article',
    { class: 'sticker-sheet', 'aria-label': t('sticker.sheet') },
    h('p', { class: 'sticker-brand' }, h('strong', {}, t('app.name')), h('span', {}, t('sticker.sheet_city'))),
    h('h2', {}, t('sticker.sheet_title')),
    h('p', { class: 'sticker-text' }, t('sticker.sheet_text')),
    h(
      'div',
      { class: 'sticker-ways' },
      h(
        'div',
        { class: 'sticker-scan' },
        h('p', { class: 'sticker-way' }, t('sticker.sheet_scan')),
        qrImage(qr, t('sticker.sheet_qr', { address: short })),
        h('p', { class: 'sticker-code' }, code),
        h('p', { class: 'sticker-address' }, t('sticker.sheet_type', { address: short })),
      ),
      h(
        'div',
        { class: 'sticker-call' },
        h('p', { class: 'sticker-way' }, t('sticker.sheet_call')),
        h('p', { class: 'sticker-number' }, t('sticker.sheet_number')),
        h('p', {}, t('sticker.sheet_hours')),
      ),
    ),
    h('p', { class: 'sticker-urgent' }, t('sticker.sheet_urgent')),
    h('p', { class: 'sticker-name' }, name),
  );
}

export const enterSticker: Enter = (ctx) => {
  const undo = bag();
  const { panel, data } = ctx;
  let relayId = 0;
  let asked: AbortController | null = null;

  const back = (): string => formatRoute({ mode: 'relays', id: relayId, kind: null, sticker: null });
  const nameOf = (): string | null => data.relays.get().value.find((one) => one.id === relayId)?.properties.name ?? null;
  const body = h('div', { class: 'sticker-body' });
  const title = h('h1', { tabindex: '-1' });
  const backLink = h('a', { class: 'back-link' }, icon('back'), t('sticker.back'));
  fill(
    panel.list,
    h(
      'section',
      { class: 'page sticker-page' },
      h('div', { class: 'sticker-screen' }, backLink, title, h('p', { class: 'lead' }, t('sticker.lead'))),
      body,
    ),
  );

  async function renew(what: string): Promise<void> {
    try {
      const made = await renewStickerCode(relayId);
      show(made);
      notice(what, null, 'good');
    } catch (error) {
      failed(error);
    }
  }

  function failed(error: unknown): void {
    const { status, code } = error instanceof Refused ? error.problem : { status: 0, code: '' };
    if (code === 'no_sticker') fill(body, emptyBox(t('sticker.no_sticker'), t('sticker.no_sticker_next'), null));
    else if (status === 404) fill(body, emptyBox(t('sticker.unknown'), t('coordination.unknown_next'), null));
    else fill(body, problemBox(said(error), () => void load()));
  }

  function show(known: StickerCode): void {
    if (known.code === null) {
      const make = h('button', { type: 'button', class: 'button button-main', on: { click: () => void renew(t('sticker.made')) } }, t('sticker.make'));
      fill(body, emptyBox(t('sticker.none'), t('sticker.none_next'), null, mayWrite() && make));
      return;
    }
    const sure = h('div', { class: 'sticker-renew' });
    const ask = (): void => {
      fill(
        sure,
        h('p', {}, t('sticker.renew_warn')),
        h('button', { type: 'button', class: 'button button-warn', on: { click: () => void renew(t('sticker.renewed')) } }, t('sticker.renew_sure')),
        h('button', { type: 'button', class: 'button button-quiet', on: { click: offer } }, t('common.leave_it')),
      );
      sure.querySelector<HTMLElement>('button')?.focus();
    };
    const offer = (): void => fill(sure, mayWrite() && h('button', { type: 'button', class: 'button button-quiet', on: { click: ask } }, t('sticker.renew')));
    offer();
    fill(
      body,
      h(
        'div',
        { class: 'sticker-screen' },
        known.address.startsWith('http:') && h('div', { class: 'callout callout-plain' }, icon('warning'), h('div', {}, h('strong', {}, t('sticker.local')), h('p', {}, t('sticker.local_next')))),
        h(
          'div',
          { class: 'form-actions' },
          h('button', { type: 'button', class: 'button button-main', on: { click: () => window.print() } }, t('sticker.print')),
          known.made_on !== null && h('span', { class: 'hint' }, t('sticker.made_on', { date: date(known.made_on) })),
        ),
      ),
      sheet(nameOf() ?? '', known),
      h('div', { class: 'sticker-screen' }, sure),
    );
  }

  async function load(): Promise<void> {
    asked?.abort();
    const mine = new AbortController();
    asked = mine;
    fill(body, skeleton(6));
    try {
      const known = await fetchStickerCode(relayId, mine.signal);
      if (!mine.signal.aborted) show(known);
    } catch (error) {
      if (!mine.signal.aborted) failed(error);
    }
  }

  const named = (): void => {
    title.textContent = t('sticker.title', { name: nameOf() ?? '…' });
    backLink.setAttribute('href', back());
  };
  let loaded = 0;
  const loadOnce = (): void => {
    named();
    // The name stands on the sheet: it is waited for.
    if (data.relays.get().status === 'loading' || loaded === relayId) return;
    loaded = relayId;
    void load();
  };
  undo.add(
    ctx.route.watch((route) => {
      if (route.mode !== 'sticker') return;
      const id = Number((route as PlainRoute).parts[0]);
      relayId = Number.isSafeInteger(id) && id > 0 ? id : -1;
      loadOnce();
    }),
  );
  undo.add(data.relays.changed(loadOnce));
  undo.add(() => {
    asked?.abort();
    panel.clear();
  });
  return undo.empty;
};
