const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_BRACE, OPEN_BRACKET] = [0x7b, 0x5b];

/**
 * How many values the text of a JSON document makes, or some more: one for each comma and each beginning of a list or an object.
 * Small ones, as `{}` is, cost many times their text. The text is read once, nothing is made of it, and it need not be JSON.
 */
export function valueCount(text: Uint8Array): number {
  let count = 1;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at]!;
    if (isInString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (byte === COMMA || byte === OPEN_BRACE || byte === OPEN_BRACKET) count++;
  }
  return count;
}
