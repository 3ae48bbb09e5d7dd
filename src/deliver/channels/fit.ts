/** One line without what would end it, for subjects, titles and texts; cut where it is too long, visibly. */
export function firstLine(text: string, most: number): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  const all = [...line];
  return all.length <= most ? line : `${all.slice(0, most - 1).join('')}…`;
}

/** At most so many bytes of UTF-8, no character cut in two. */
export function bytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const cut = Buffer.from(text)
    .subarray(0, most - 3)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
  return `${cut}…`;
}

/** For HTML and XML: nothing of a text can be read as a tag, an attribute or an entity, and what XML cannot hold at all is gone. */
export function escaped(text: string): string {
  const plain = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, ' ');
  return plain.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
