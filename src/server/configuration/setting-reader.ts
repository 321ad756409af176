import type { ConfigurationProblem } from './configuration-error.ts';
import { escapeInvisible } from './quote-value.ts';
import { type SettingName, type SettingValues, settings } from './settings.ts';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads settings and collects their problems, so that all are reported at once. */
export class SettingReader {
  readonly #environment: Environment;
  readonly #problems: ConfigurationProblem[] = [];

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get problems(): readonly ConfigurationProblem[] {
    return this.#problems;
  }

  /** The text of a variable; one that is set to the empty string is not set. */
  text(variable: string): string | undefined {
    return this.#environment[variable] || undefined;
  }

  isSet(name: SettingName): boolean {
    return this.text(name) !== undefined;
  }

  /** Records a problem; `message` continues after the variable's name. */
  addProblem(variable: string, message: string): void {
    this.#problems.push({ variable, message: `${escapeInvisible(variable)} ${message}` });
  }

  /** The value of a setting. Its fallback if it is not set, or has a problem, which is recorded. */
  read<Name extends SettingName>(name: Name): SettingValues[Name] {
    const { fallback, parse } = settings[name];
    const text = this.text(name);
    if (text === undefined || this.#problems.some(({ variable }) => variable === name)) {
      return fallback;
    }
    if (text.trim() === '') {
      this.addProblem(name, 'has only white space: give it a value or remove it');
      return fallback;
    }
    if (/^(["'`]).*\1$/s.test(text)) {
      this.addProblem(name, 'must be written without quotes around it');
      return fallback;
    }
    const parsed = parse(text);
    if (parsed.kind === 'value') return parsed.value;
    for (const problem of parsed.problems) this.addProblem(name, problem);
    return fallback;
  }
}
