import type { Condition } from './condition.ts';
import type { NamePattern } from './pattern.ts';

/** A target as written, read once; what it names depends on the fleet it is resolved against. */
export interface TargetExpression {
  text: string;
  /** Left to right, no precedence; the first has operator `,`. */
  steps: readonly Step[];
  where?: Condition;
}

export interface Step {
  operator: Operator;
  operand: Operand;
}

/** Union, minus, both, either but not both. */
export type Operator = ',' | '!' | '&' | '^';

export interface Operand {
  kind: 'host' | 'wildcard' | 'group';
  /** As typed, without white space; groups with their `@`. */
  text: string;
  /** Where it begins, from 1. */
  column: number;
  /** Of the name; without the `@` of a group. */
  pattern: NamePattern;
}
