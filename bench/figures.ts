/** `1.23 s`. */
export const seconds = (value: number): string => `${value.toFixed(2)} s`;

/** `12 ms`. */
export const milliseconds = (value: number): string => `${value.toFixed(0)} ms`;

/** `12 MB`. */
export const megabytes = (value: number): string => `${value.toFixed(0)} MB`;

/** `29.3`. */
export const tenths = (value: number): string => value.toFixed(1);

/** `1.07`. */
export const hundredths = (value: number): string => value.toFixed(2);

/** `61 %`. */
export const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
