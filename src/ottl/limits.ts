/** One statement or condition, in UTF-16 units: a thousand lines of sixty characters. */
export const MAX_STATEMENT_LENGTH = 65_536;

/** Parentheses, lists, maps, calls and brackets within each other. */
export const MAX_STATEMENT_NESTING = 100;

/** What is told about one text; who has more mistakes than this starts with these. */
export const MAX_PROBLEMS = 20;
