import type { Log } from '../src/ops.ts';

/** For tests in which the log is not the point. */
export const quietLog: Log = { info() {}, warn() {}, error() {} };
