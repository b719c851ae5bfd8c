/** What each byte may be in an HTTP/1.1 head, as tables of 256 entries: one look-up per byte and no branches on ranges. */

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const COLON = 0x3a;

/** Lower case of a byte that may stand in a field name or method (RFC 9110 §5.6.2 `token`), 0 for any other byte. */
export const TOKEN_LOWER: Uint8Array = new Uint8Array(256);

/** 1 for bytes that may stand in a field value (RFC 9110 §5.5): blanks, visible characters and the upper half. */
export const VALUE: Uint8Array = new Uint8Array(256);

/**
 * Not 0 for bytes of a request target: visible ASCII. More than 1 for those that may have to be normalised before anybody looks at
 * it (target.ts).
 */
export const TARGET: Uint8Array = new Uint8Array(256);

/** 1 for bytes of a Host: RFC 3986 §3.2.2 reg-name, IP literal and port, without the comma that would hide a list. */
export const HOST: Uint8Array = new Uint8Array(256);

/** Value of a hexadecimal digit, 255 for any other byte. */
export const HEX: Uint8Array = new Uint8Array(256).fill(255);

for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
  TOKEN_LOWER[character.charCodeAt(0)] = character.toLowerCase().charCodeAt(0);
}
for (let byte = 0; byte < 256; byte++) {
  if (byte === TAB || (byte >= SPACE && byte !== 0x7f)) VALUE[byte] = 1;
  if (byte > SPACE && byte < 0x7f) TARGET[byte] = 1;
}
for (const character of '%#\\"<>^`{|}.') TARGET[character.charCodeAt(0)] = 3;
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%!$&'()*+;=:[]") {
  HOST[character.charCodeAt(0)] = 1;
}
for (const [value, character] of [...'0123456789abcdef'].entries()) {
  HEX[character.charCodeAt(0)] = value;
  HEX[character.toUpperCase().charCodeAt(0)] = value;
}
