import { expect, test } from 'vitest';
import { readRedisUrl } from '../../src/queue/redis.ts';
import { quiet } from '../store/quiet.ts';

test.each([
  'redis://:hunter2/x@cache:6379',
  'redis://ops:hunter2/x@cache',
  'redis://ops:pw@hunter2@cache',
  'redis://cache/0@hunter2',
  'rediss://hunter2/@cache',
])('a password with a sign that should be encoded makes %s unreadable, and no part of it is said', (url) => {
  expect(() => readRedisUrl(url, quiet)).toThrow(/%40.*%2F/);
  expect(() => readRedisUrl(url, quiet)).not.toThrow(/hunter2|pw@/);
});
