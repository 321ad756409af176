/** One instruction of a Dockerfile, such as `COPY --from=build /app/dist dist`. */
interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of one image, which begins with FROM. */
export interface Stage {
  /** As in `FROM image AS name`; undefined for the last one. */
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** Reads the part of the format that deploy/Dockerfile uses. */
export function parseDockerfile(text: string): readonly Stage[] {
  const stages: { name: string | undefined; instructions: Instruction[] }[] = [];
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  for (const line of lines) {
    const [, name = '', rest = ''] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    if (name === '') throw new Error(`This is not an instruction: ${line}`);
    if (name === 'FROM') {
      stages.push({ name: / AS (\w+)$/.exec(rest)?.[1], instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (stage === undefined) throw new Error(`${name} comes before FROM.`);
      stage.instructions.push({ name, text: rest });
    }
  }
  return stages;
}

/** The command of CMD, or of the CMD in HEALTHCHECK, in its form as a list. */
export function commandOf(
  stage: Stage,
  name: 'CMD' | 'HEALTHCHECK',
): readonly [string, ...string[]] {
  const text = stage.instructions.find((one) => one.name === name)?.text ?? '';
  const list: unknown = JSON.parse(text.slice(text.indexOf('[')));
  if (!Array.isArray(list) || list.length === 0) throw new Error(`${name} has no list.`);
  const [program, ...args] = list.map(String);
  return [program ?? '', ...args];
}
