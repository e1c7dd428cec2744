export const plot = (_: unknown): string => ""
