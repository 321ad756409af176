import { describe } from 'vitest';
import { describeMessages } from './message-cases.ts';
import { describeRepository } from './repository-cases.ts';
import { createSqlite } from './sqlite.ts';

describe('messages in SQLite', () => {
  describeMessages(createSqlite);
});

describe('the filter, in SQLite', () => {
  describeRepository(createSqlite, (authorId) => ({ authorId }));
});
