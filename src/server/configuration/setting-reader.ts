import type { ConfigurationFault } from './configuration-error.ts';
import { escapeInvisible } from './setting-text.ts';
import { type SettingName, type SettingValues, settings } from './settings.ts';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads settings and gathers what is wrong with them, so that all of it can be told at once. */
export class SettingReader {
  readonly #environment: Environment;
  readonly #faults: ConfigurationFault[] = [];

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get faults(): readonly ConfigurationFault[] {
    return this.#faults;
  }

  /** The text of a variable; a variable that is set to the empty string is not set. */
  text(variable: string): string | undefined {
    return this.#environment[variable] || undefined;
  }

  isSet(name: SettingName): boolean {
    return this.text(name) !== undefined;
  }

  /** Records a fault; `message` goes on where the variable's name ends. */
  fault(variable: string, message: string): void {
    this.#faults.push({ variable, message: `${escapeInvisible(variable)} ${message}` });
  }

  /** The value of a setting; its fallback when it is not set or, beside the recorded fault, wrong. */
  read<Name extends SettingName>(name: Name): SettingValues[Name] {
    const { fallback, parse } = settings[name];
    const text = this.text(name);
    if (text === undefined || this.#faults.some((fault) => fault.variable === name)) {
      return fallback;
    }
    if (text.trim() === '') {
      this.fault(name, 'holds nothing but white space: give it a value or leave it out');
      return fallback;
    }
    if (/^(["'`]).*\1$/s.test(text)) {
      this.fault(name, 'must be written without the quotes around it');
      return fallback;
    }
    const parsed = parse(text);
    if (parsed.kind === 'value') return parsed.value;
    for (const fault of parsed.faults) this.fault(name, fault);
    return fallback;
  }
}
