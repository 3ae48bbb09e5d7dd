import type { TargetExpression } from './expression.ts';

/** Reads a target: `@prod & @kvm where uptime > 200d`. Throws `Refusal` that names the column. */
export function parseTarget(text: string): TargetExpression {
  throw new Error(`not built yet: ${text}`);
}
