/** What stands after `where`. */
export type Condition =
  | { kind: 'and' | 'or'; parts: readonly Condition[] }
  | { kind: 'not'; part: Condition }
  | { kind: 'known' | 'absent'; fact: string; column: number }
  | { kind: 'compare'; fact: string; column: number; operator: Comparison; values: readonly string[] };

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~' | 'in';
