/// A QR code that the server has drawn.
import { h } from './dom';

/// An SVG of the server as an image: what is in it can neither run nor reach the page.
export function qrImage(svg: string, alt: string): HTMLImageElement {
  const bytes = Array.from(new TextEncoder().encode(svg), (byte) => String.fromCharCode(byte)).join('');
  return h('img', { class: 'qr', src: `data:image/svg+xml;base64,${btoa(bytes)}`, alt, width: 220, height: 220 });
}
