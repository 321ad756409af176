/** What the tests do with the example of a language. */
export interface CallLanguage {
  /** Its heading, and its name in the table. */
  readonly name: string;
  /**
   * Whether the example is run. This list decides, and nothing that is found on the machine: where
   * a runtime is missing, its test fails.
   */
  readonly isRun: boolean;
  /** How the code names what it imports. */
  readonly imports: RegExp;
  /** All that it imports: the language's own library. */
  readonly library: readonly string[];
}

export const callLanguages: readonly CallLanguage[] = [
  { name: 'curl', isRun: true, imports: /^\$ (\w+)/gm, library: ['curl'] },
  { name: 'JavaScript', isRun: true, imports: /\b(?:import|require)\b(.*)/g, library: [] },
  {
    name: 'Python',
    isRun: true,
    imports: /^(?:import|from) ([\w.]+)/gm,
    library: ['os', 'urllib.error', 'urllib.request'],
  },
  {
    name: 'Go',
    isRun: false,
    imports: /^\t"([^"]+)"$/gm,
    library: ['fmt', 'io', 'log', 'net/http', 'os', 'strings'],
  },
  {
    name: 'C#',
    isRun: false,
    imports: /^using ([\w.]+);/gm,
    library: ['System', 'System.Net.Http', 'System.Net.Http.Headers', 'System.Text'],
  },
  {
    name: 'Java',
    isRun: true,
    imports: /^import ([\w.]+);/gm,
    library: [
      'java.net.URI',
      'java.net.http.HttpClient',
      'java.net.http.HttpRequest',
      'java.net.http.HttpRequest.BodyPublishers',
      'java.net.http.HttpResponse.BodyHandlers',
    ],
  },
  { name: 'PHP', isRun: false, imports: /\b(?:require|include|use)\w* (.*)/g, library: [] },
  { name: 'Ruby', isRun: false, imports: /^require '([^']+)'/gm, library: ['net/http'] },
  {
    name: 'Swift',
    isRun: false,
    imports: /^import (\w+)/gm,
    library: ['Foundation', 'FoundationNetworking'],
  },
  {
    name: 'Objective-C',
    isRun: false,
    imports: /^[#@]import (.+)/gm,
    library: ['<Foundation/Foundation.h>'],
  },
];
