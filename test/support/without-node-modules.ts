/**
 * A setup file of vitest: hides from src/shared/node-modules.ts what only Node has. Tests and their
 * support still import it.
 */
Object.assign(process, { getBuiltinModule: () => undefined });
