/** `rack[1-2]node[01-04]`: literal text and axes in turn. */
export type NamePattern = readonly (string | Axis)[];
export type Axis = readonly Span[];

/** `01-20/2`: every `step`th number from `from` to `to`, padded with zeros to `pad` digits (0 = not padded). */
export interface Span {
  from: number;
  to: number;
  step: number;
  pad: number;
}
