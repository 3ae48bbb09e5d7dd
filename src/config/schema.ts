// Replaced by the config room; only the type's name is promised here.
export type Config = Record<string, unknown>;
