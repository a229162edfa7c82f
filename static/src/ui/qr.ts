/// A QR code as inline SVG, drawn here: nobody else learns the address.
import qrcode from 'qrcode-generator';

const SVG = 'http://www.w3.org/2000/svg';
/// The white rim that readers need, in modules (ISO/IEC 18004).
const QUIET = 4;

/// The dark modules of a text, row by row. Level Q: it reads with a quarter of it scratched or behind a reflection.
export function qrRows(text: string): readonly (readonly boolean[])[] {
  const code = qrcode(0, 'Q');
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  return Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_, column) => code.isDark(row, column)));
}

/// Black on white whatever the page's colours: a camera reads it.
export function qrCode(text: string, label: string): SVGSVGElement {
  const rows = qrRows(text);
  const size = rows.length + 2 * QUIET;
  const path = rows
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : '')))
    .join('');
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
  svg.setAttribute('class', 'qr');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  svg.setAttribute('shape-rendering', 'crispEdges');
  const paper = document.createElementNS(SVG, 'rect');
  paper.setAttribute('width', String(size));
  paper.setAttribute('height', String(size));
  paper.setAttribute('fill', '#ffffff');
  const dark = document.createElementNS(SVG, 'path');
  dark.setAttribute('d', path);
  dark.setAttribute('fill', '#000000');
  svg.append(paper, dark);
  return svg;
}
