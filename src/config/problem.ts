/** One thing wrong in a file a person wrote. Lines and columns count from 1. */
export interface Problem {
  file: string;
  line?: number;
  column?: number;
  /** What is wrong, why, and what to do. */
  says: string;
}
