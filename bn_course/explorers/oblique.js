// Arrows of two, three or four entries on a page; oblique.py says the same.

const DIRECTIONS = { // to the right, away from the reader, up
  2: [[1, -1], [0, 0], [1, 1]],
  3: [[2, -1, -1], [0, 1, -1], [1, 1, 1]],
  4: [[0, -2, 1, 1], [0, 0, -1, 1], [3, -1, -1, -1]],
};
export const ELEVATION = { 2: 0, 3: 35, 4: 15 };

export const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
export const norm = (a) => Math.sqrt(dot(a, a));
export const plus = (a, b, times = 1) => a.map((value, i) => value + times * b[i]);
export const scaled = (a, factor) => a.map((value) => factor * value);
export const radians = (degrees) => (degrees * Math.PI) / 180;
const directions = (N) => DIRECTIONS[N].map((d) => scaled(d, 1 / (norm(d) || 1)));

/** An arrow along the three directions, the picture turned by so many degrees. */
function turned(v, degrees) {
  const [right, away, up] = directions(v.length).map((d) => dot(v, d));
  const angle = v.length > 2 ? radians(degrees) : 0;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [right * cos - away * sin, right * sin + away * cos, up];
}

export function onPage(v, degrees) {
  const [right, away, up] = turned(v, degrees);
  const tilt = radians(ELEVATION[v.length]);
  return [right, up * Math.cos(tilt) + away * Math.sin(tilt)];
}

export function depth(v, degrees) {
  const [, away, up] = turned(v, degrees);
  const tilt = radians(ELEVATION[v.length]);
  return away * Math.cos(tilt) - up * Math.sin(tilt);
}

/** The batch that is drawn where `v` is, moved by (across, upwards) on the page: for N = 3 at the same height. */
export function moved(v, [across, upwards], degrees) {
  const N = v.length;
  const tilt = radians(ELEVATION[N]);
  const by = N === 3 ? [across, upwards / Math.sin(tilt), 0]
    : [across, upwards * Math.sin(tilt), upwards * Math.cos(tilt)];
  const angle = N > 2 ? radians(degrees) : 0;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const parts = [by[0] * cos + by[1] * sin, by[1] * cos - by[0] * sin, by[2]];
  return directions(N).reduce((sum, d, i) => plus(sum, d, parts[i]), v);
}

/** The circle at right angles to the upward direction, of radius 1, its height multiplied by `flat`. */
export const circle = (flat) => Array.from({ length: 97 }, (_, i) => radians((i * 360) / 96))
  .map((angle) => [Math.cos(angle), Math.sin(angle) * flat]);
