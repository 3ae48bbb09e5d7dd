/** What stands in the extension 2.5.29.`last` of a certificate in DER: 19 = basicConstraints, 35 = authorityKeyIdentifier. Absent = it has none. */
export function extensionOf(der: Buffer, last: number): Buffer | undefined {
  // Only there: whoever asks for a certificate writes its subject, and could write the bytes of an extension into it.
  const extensions = extensionsOf(der);
  const at = extensions.indexOf(Buffer.from([0x06, 0x03, 0x55, 0x1d, last]));
  if (at < 0) return undefined;
  // Between name and value may stand that it is critical.
  const value = extensions[at + 5] === 0x01 ? at + 8 : at + 5;
  if (extensions[value] !== 0x04) return undefined;
  const [from, length] = sizeAt(extensions, value);
  return extensions.subarray(from, from + length);
}

/** The element [3] of what is signed; nothing in the first version. */
function extensionsOf(der: Buffer): Buffer {
  const [body] = sizeAt(der, 0);
  const [first, whole] = sizeAt(der, body);
  for (let at = first; at < Math.min(first + whole, der.length); ) {
    const [from, length] = sizeAt(der, at);
    if (der[at] === 0xa3) return der.subarray(from, from + length);
    at = from + length;
  }
  return Buffer.alloc(0);
}

/** Of the first version of X.509, which has no extensions: nothing in it says whether it may sign others. */
export function isVersion1(der: Buffer): boolean {
  const [body] = sizeAt(der, 0);
  const [first] = sizeAt(der, body);
  // Later versions begin with their number, this one with its serial.
  return der[body] === 0x30 && der[first] === 0x02;
}

/** Where the content of the element at `at` begins, and its bytes. */
function sizeAt(der: Buffer, at: number): [from: number, length: number] {
  const first = der[at + 1] ?? 0;
  if (first < 0x80) return [at + 2, first];
  const bytes = Math.min(first & 0x7f, 4);
  return [at + 2 + bytes, [...der.subarray(at + 2, at + 2 + bytes)].reduce((sum, byte) => sum * 256 + byte, 0)];
}
