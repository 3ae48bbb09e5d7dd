/** What stands in the extension 2.5.29.`last` of a certificate in DER: 19 = basicConstraints, 35 = authorityKeyIdentifier. Absent = it has none. */
export function extensionOf(der: Buffer, last: number): Buffer | undefined {
  const at = der.indexOf(Buffer.from([0x06, 0x03, 0x55, 0x1d, last]));
  if (at < 0) return undefined;
  // Between name and value may stand that it is critical.
  const value = der[at + 5] === 0x01 ? at + 8 : at + 5;
  if (der[value] !== 0x04) return undefined;
  const [from, length] = sizeAt(der, value);
  return der.subarray(from, from + length);
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
