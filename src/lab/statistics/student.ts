/** Student's t distribution. */

const LEVEL = 0.95;

/** How many standard errors a 95 % interval reaches to either side; `degrees` need not be whole. */
export function tQuantile(degrees: number): number {
  // The tail of both sides falls as t grows: halve until the digits of a double are used up.
  let [low, high] = [0, 1];
  while (tailsOf(high, degrees) > 1 - LEVEL) high *= 2;
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (tailsOf(middle, degrees) > 1 - LEVEL) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The probability that |t| is larger. */
export function tailsOf(t: number, degrees: number): number {
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side of the mean; the other is its mirror.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const logFront = a * Math.log(x) + b * Math.log1p(-x) - Math.log(a) - logBeta(a, b);
  return Math.exp(logFront) / betaFraction(x, a, b);
}

/** 1 + d1/(1 + d2/(1 + …)), evaluated from the far end. */
function betaFraction(x: number, a: number, b: number): number {
  let value = 1;
  for (let m = TERMS; m >= 1; m--) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m - 1) * (a + b + m - 1) * x) / ((a + 2 * m - 2) * (a + 2 * m - 1));
    value = 1 + odd / (1 + even / value);
  }
  return value;
}
const TERMS = 300;

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** Stirling's series where it is exact to the last digits, reached by the recurrence of the gamma function. */
function logGamma(z: number): number {
  let shift = 0;
  let at = z;
  for (; at < 10; at++) shift += Math.log(at);
  const inverse = 1 / at;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))));
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series - shift;
}
