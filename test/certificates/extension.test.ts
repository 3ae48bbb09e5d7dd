import { expect, test } from 'vitest';
import { extensionOf } from '../../src/certificates/extension.ts';

const element = (tag: number, ...content: Buffer[]): Buffer => {
  const whole = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag, whole.length]), whole]);
};
const BYTES = Buffer.from([0x06, 0x03, 0x55, 0x1d, 35]);
const subject = element(0x30, element(0x0c, BYTES, element(0x04, Buffer.from('forged'))));
const extensions = element(0xa3, element(0x30, element(0x30, BYTES, element(0x04, Buffer.from('true')))));
const certificate = (...body: Buffer[]): Buffer => element(0x30, element(0x30, element(0x02, Buffer.from([1])), ...body));

test('an extension is read where extensions stand, and not where whoever asked for the certificate wrote its bytes', () => {
  expect(extensionOf(certificate(subject, extensions), 35)?.toString()).toBe('true');
  expect(extensionOf(certificate(subject), 35)).toBeUndefined();
});
