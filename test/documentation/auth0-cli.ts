/** A command of the Auth0 CLI. */
export interface Auth0Command {
  /** How many words it takes besides options. */
  readonly operands: number;
  /** Options that take a value. */
  readonly values: readonly string[];
  /** Options that stand alone. */
  readonly switches: readonly string[];
}

const output = ['json', 'json-compact'];

/** Options of every command. */
const inherited = ['agent-mode', 'debug', 'no-color', 'no-input'];

const apiValues = [
  'name',
  'scopes',
  'signing-alg',
  'subject-type-authorization',
  'token-dialect',
  'token-lifetime',
];
const grantValues = ['authorization-details-types', 'organization-usage', 'scopes'];
const grantSwitches = ['allow-all-scopes', 'allow-any-organization', ...output];

/**
 * The commands that docs/auth0.md uses, with the options that the documentation of versions 1.33 to 1.35
 * lists for each: https://auth0.github.io/auth0-cli/auth0_apis_create.html and so on.
 */
const commands: Readonly<Record<string, Auth0Command>> = {
  login: {
    operands: 0,
    values: [
      'client-assertion-private-key',
      'client-assertion-signing-alg',
      'client-id',
      'client-secret',
      'domain',
      'scopes',
    ],
    switches: [],
  },
  'tenants list': { operands: 0, values: [], switches: output },
  'apis create': {
    operands: 0,
    values: ['identifier', ...apiValues],
    switches: ['enforce-policies', 'offline-access', ...output],
  },
  'apis update': {
    operands: 1,
    values: apiValues,
    switches: ['enforce-policies', 'offline-access', ...output],
  },
  'apps create': {
    operands: 0,
    values: [
      'allow-any-profile-of-type',
      'auth-method',
      'callbacks',
      'description',
      'grants',
      'logout-urls',
      'metadata',
      'name',
      'origins',
      'refresh-token',
      'resource-server-identifier',
      'type',
      'web-origins',
    ],
    switches: ['reveal-secrets', ...output],
  },
  'client-grants create': {
    operands: 0,
    values: ['audience', 'client-id', 'default-for', 'subject-type', ...grantValues],
    switches: grantSwitches,
  },
  'client-grants list': {
    operands: 0,
    values: ['audience', 'client-id', 'default-for', 'number', 'subject-type'],
    switches: ['allow-any-organization', 'csv', ...output],
  },
  'client-grants update': {
    operands: 1,
    values: grantValues,
    switches: ['no-scopes', ...grantSwitches],
  },
  'roles create': { operands: 0, values: ['description', 'name'], switches: output },
  'roles permissions add': {
    operands: 1,
    values: ['api-id', 'permissions', 'resource-server-identifier'],
    switches: [],
  },
  'test token': {
    operands: 1,
    values: ['audience', 'domain', 'organization', 'params', 'scopes'],
    switches: ['force', ...output],
  },
  'users create': {
    operands: 0,
    values: ['connection-name', 'email', 'name', 'password', 'phone-number', 'username'],
    switches: output,
  },
  'users roles assign': { operands: 1, values: ['roles'], switches: output },
};

/** The names of these commands. */
export const auth0Commands = Object.keys(commands);

/** One call of the Auth0 CLI. */
export interface Auth0Call {
  readonly name: string;
  readonly operands: readonly string[];
  /** The values of options by name; '' for those that stand alone. */
  readonly options: Readonly<Record<string, string>>;
}

/** @throws If there is no such command or option, or if a value or an operand is missing or too many. */
export function readAuth0Call(words: readonly string[]): Auth0Call {
  const line = words.slice(1).join(' ');
  const name = auth0Commands.find((one) => `${line} `.startsWith(`${one} `));
  const command = name === undefined ? undefined : commands[name];
  if (words[0] !== 'auth0' || name === undefined || command === undefined) {
    throw new Error(`Unknown command: ${words.join(' ')}`);
  }
  const rest = words.slice(1 + name.split(' ').length);
  const operands: string[] = [];
  const options: Record<string, string> = {};
  while (rest.length > 0) {
    const word = rest.shift() ?? '';
    const option = /^--(.+)$/.exec(word)?.[1];
    if (option === undefined) operands.push(word);
    else if (command.values.includes(option)) {
      const value = rest.shift();
      if (value === undefined || value.startsWith('-')) throw new Error(`${word} has no value.`);
      options[option] = value;
    } else if ([...command.switches, ...inherited].includes(option)) options[option] = '';
    else throw new Error(`auth0 ${name} has no option ${word}.`);
  }
  if (operands.length !== command.operands) {
    throw new Error(`auth0 ${name} takes ${command.operands} operands: ${operands.join(' ')}`);
  }
  return { name, operands, options };
}
