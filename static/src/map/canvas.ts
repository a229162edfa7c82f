/// A canvas that lies over the map and follows it: drawn a little larger than the view, moved while the map is
/// dragged, scaled while it zooms, drawn again when it rests.
import * as L from 'leaflet';

/// From world pixels at zoom 0 to canvas pixels: `x * scale - left`.
export interface View {
  readonly zoom: number;
  readonly scale: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export type Draw = (ctx: CanvasRenderingContext2D, view: View) => void;

const PADDING = 0.25;

interface MapInternals {
  _getNewPixelOrigin(center: L.LatLng, zoom: number): L.Point;
}

export class CanvasLayer extends L.Layer {
  private readonly canvas = document.createElement('canvas');
  private center: L.LatLng | null = null;
  private zoom = 0;
  private frame = 0;

  constructor(
    private readonly pane: string,
    private readonly draw: Draw,
  ) {
    super();
    this.canvas.className = 'canvas-layer leaflet-zoom-animated';
    this.canvas.setAttribute('aria-hidden', 'true');
  }

  override onAdd(): this {
    this._map.getPane(this.pane)?.append(this.canvas);
    this.update();
    return this;
  }

  override onRemove(): this {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.canvas.remove();
    return this;
  }

  override getEvents(): Record<string, L.LeafletEventHandlerFn> {
    return {
      viewreset: () => this.update(),
      moveend: () => this.update(),
      resize: () => this.update(),
      zoom: () => this.transform(this._map.getCenter(), this._map.getZoom()),
      zoomanim: (event) => {
        const { center, zoom } = event as L.ZoomAnimEvent;
        this.transform(center, zoom);
      },
    };
  }

  /// Draws again in the next frame, however often it is called until then.
  redraw(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this._map) this.update();
    });
  }

  private transform(center: L.LatLng, zoom: number): void {
    if (this.center === null) return;
    const map = this._map;
    const scale = map.getZoomScale(zoom, this.zoom);
    const half = map.getSize().multiplyBy(0.5 + PADDING);
    const offset = half
      .multiplyBy(-scale)
      .add(map.project(this.center, zoom))
      .subtract((map as unknown as MapInternals)._getNewPixelOrigin(center, zoom));
    L.DomUtil.setTransform(this.canvas, offset, scale);
  }

  private update(): void {
    const map = this._map;
    const size = map.getSize();
    if (size.x === 0 || size.y === 0) return;
    const corner = map.containerPointToLayerPoint(size.multiplyBy(-PADDING)).round();
    const extent = size.multiplyBy(1 + 2 * PADDING).round();
    this.center = map.getCenter();
    this.zoom = map.getZoom();
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const { canvas } = this;
    if (canvas.width !== extent.x * ratio || canvas.height !== extent.y * ratio) {
      canvas.width = extent.x * ratio;
      canvas.height = extent.y * ratio;
      canvas.style.width = `${extent.x}px`;
      canvas.style.height = `${extent.y}px`;
    }
    L.DomUtil.setTransform(canvas, corner, 1);
    const ctx = canvas.getContext('2d');
    if (!ctx) return;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, extent.x, extent.y);
    const origin = map.getPixelOrigin().add(corner);
    this.draw(ctx, {
      zoom: this.zoom,
      scale: 2 ** this.zoom,
      left: origin.x,
      top: origin.y,
      width: extent.x,
      height: extent.y,
    });
  }
}
