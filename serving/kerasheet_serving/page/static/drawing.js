// A board to draw on with mouse, finger or keyboard.

const PEN = 0.085; // of the board's shorter side
const STEP = 0.04; // of the board, for one press of an arrow key
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Strokes on a canvas, or a picture; `changed` is called when either is complete. */
export class Drawing {
  #canvas;
  #changed;
  #stroke = null;
  #pen = { x: 0.5, y: 0.3, shown: false };
  strokes = [];
  picture = null;

  constructor(canvas, changed) {
    this.#canvas = canvas;
    this.#changed = changed;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"])
      canvas.addEventListener(name, () => this.#up());
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => {
      this.#up();
      this.#pen.shown = false;
      this.render();
    });
  }

  get empty() {
    return !this.strokes.length && !this.picture;
  }

  clear() {
    this.strokes = [];
    this.#stroke = null;
    this.picture = null;
    this.#changed();
    this.render();
  }

  /** Show a picture in place of what was drawn. */
  show(picture) {
    this.strokes = [];
    this.picture = picture;
    this.render();
    this.#changed();
  }

  render() {
    const { width, height } = this.#canvas;
    const context = this.#canvas.getContext("2d");
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    if (this.picture) context.drawImage(this.picture, 0, 0, width, height);
    const pen = PEN * Math.min(width, height);
    trace(context, this.strokes, pen, ({ x, y }) => [x * width, y * height]);
    if (!this.#pen.shown) return;
    context.strokeStyle = this.#stroke ? "#5c9bff" : "#ffb84d";
    context.lineWidth = 4;
    context.beginPath();
    context.arc(this.#pen.x * width, this.#pen.y * height, pen / 2 + 6, 0, 2 * Math.PI);
    context.stroke();
  }

  #point(event) {
    const box = this.#canvas.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  }

  #begin(point) {
    this.picture = null;
    this.#stroke = [point];
    this.strokes.push(this.#stroke);
    this.render();
  }

  #down(event) {
    if (event.button !== 0) return;
    this.#up();
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pen.shown = false;
    this.#begin(this.#point(event));
  }

  #move(event) {
    if (!this.#stroke || !event.buttons) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    this.#stroke.push(...(passed.length ? passed : [event]).map((one) => this.#point(one)));
    this.render();
  }

  #up() {
    if (!this.#stroke) return;
    this.#stroke = null;
    this.#changed();
  }

  #key(event) {
    const arrow = ARROWS[event.key];
    if (event.key === " ") {
      this.#pen.shown = true;
      if (this.#stroke) this.#up();
      else this.#begin({ ...this.#pen });
    } else if (arrow) {
      this.#pen.shown = true;
      this.#pen.x = within(this.#pen.x + STEP * arrow[0]);
      this.#pen.y = within(this.#pen.y + STEP * arrow[1]);
      this.#stroke?.push({ ...this.#pen });
    } else return;
    event.preventDefault();
    this.render();
  }
}

const within = (share) => Math.min(1, Math.max(0, share));

/** Draw strokes in white, each point where `place` puts it. */
export function trace(context, strokes, width, place) {
  context.strokeStyle = "#fff";
  context.lineWidth = width;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(...place(stroke[0]));
    for (const point of stroke) context.lineTo(...place(point));
    context.stroke();
  }
}
