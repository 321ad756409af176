import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type MessagesServer,
  type Person,
  startMessages,
  type TestDatabase,
} from './messages-server.ts';

const fields = 'id author text visibility postedAt editedAt';
const post = `mutation ($text: String!, $visibility: MessageVisibility, $key: ID) {
  postMessage(text: $text, visibility: $visibility, idempotencyKey: $key) { ${fields} }
}`;
const edit = `mutation ($id: ID!, $text: String) { editMessage(id: $id, text: $text) { ${fields} } }`;
const hide = `mutation ($id: ID!) { editMessage(id: $id, visibility: PRIVATE) { ${fields} } }`;
const remove = 'mutation ($id: ID!) { deleteMessage(id: $id) }';
const one = `query ($id: ID!) { message(id: $id) { ${fields} } }`;
const list = `query ($first: Int, $after: String) {
  messages(first: $first, after: $after) {
    totalCount
    edges { cursor node { ${fields} } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const unknownId = '01234567-89ab-7000-bfff-ffffffffffff';

const badInput = (argument: string) => ({ code: 'BAD_USER_INPUT', argument });

/** What holds for messages in any database. Each case begins with an empty one. */
export function describeMessages(createDatabase: () => Promise<TestDatabase>): void {
  let database: TestDatabase;
  let server: MessagesServer;
  let ann: Person;
  let bob: Person;
  beforeAll(async () => {
    database = await createDatabase();
    server = await startMessages(database);
    ann = server.as('ann');
    bob = server.as('bob');
  });
  afterEach(() => database.clear());
  afterAll(async () => {
    await server?.stop();
    await database?.close();
  });

  const postAs = async (person: Person, text: string, visibility = 'PUBLIC') =>
    (await person.run(post, { text, visibility })).postMessage;
  const textsOf = async (person: Person, variables = {}) => {
    const { edges } = (await person.run(list, variables)).messages;
    return edges.map(({ node }) => node.text);
  };

  it('posts, changes and deletes a message', async () => {
    const time = server.issuer.clock.now().toISOString();
    const posted = await postAs(ann, '  Hello\r\n😀 ');
    expect(posted).toEqual({
      id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7/),
      author: 'ann',
      text: 'Hello\n😀',
      visibility: 'PUBLIC',
      postedAt: time,
      editedAt: null,
    });
    const { id } = posted;
    expect((await bob.run(one, { id })).message).toEqual(posted);

    server.issuer.clock.advance(1);
    const editedAt = server.issuer.clock.now().toISOString();
    const edited = { ...posted, text: 'Bye', editedAt };
    expect((await ann.run(edit, { id, text: 'Bye' })).editMessage).toEqual(edited);
    expect((await bob.run(one, { id })).message).toEqual(edited);

    const hidden = { ...edited, visibility: 'PRIVATE' };
    expect((await ann.run(hide, { id })).editMessage).toEqual(hidden);
    expect((await bob.run(one, { id })).message).toBeNull();

    expect((await ann.run(remove, { id })).deleteMessage).toBe(id);
    expect((await ann.run(one, { id })).message).toBeNull();
    expect((await ann.run(remove, { id })).deleteMessage).toBeNull();
    expect((await ann.run(edit, { id, text: 'Again' })).editMessage).toBeNull();
  });

  it('shows private messages to their author only, in lists, counts and pages', async () => {
    for (const text of ['1', '2', '3', '4', '5', '6']) {
      await postAs(ann, text, Number(text) % 2 === 0 ? 'PRIVATE' : 'PUBLIC');
    }

    const own = (await ann.run(list)).messages;
    expect(own.edges.map(({ node }) => node.text)).toEqual(['6', '5', '4', '3', '2', '1']);
    expect(own.totalCount).toBe(6);

    const first = (await bob.run(list, { first: 2 })).messages;
    expect(first.edges.map(({ node }) => node.text)).toEqual(['5', '3']);
    expect(first.totalCount).toBe(3);
    expect(first.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: first.edges[0]?.cursor,
      endCursor: first.edges[1]?.cursor,
    });

    const last = (await bob.run(list, { first: 2, after: first.pageInfo.endCursor })).messages;
    expect(last.edges.map(({ node }) => node.text)).toEqual(['1']);
    expect(last.totalCount).toBe(3);
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });

    const { endCursor } = last.pageInfo;
    expect((await bob.run(list, { after: endCursor })).messages).toEqual({
      totalCount: 3,
      edges: [],
      pageInfo: {
        hasNextPage: false,
        hasPreviousPage: true,
        startCursor: null,
        endCursor: null,
      },
    });
  });

  it('has pages that stay as they are while messages are posted and deleted', async () => {
    const posted = [];
    for (const text of ['1', '2', '3', '4', '5']) posted.push(await postAs(ann, text));
    const first = (await bob.run(list, { first: 2 })).messages;
    await postAs(bob, 'new');
    const { endCursor: after } = first.pageInfo;
    expect(await textsOf(bob, { first: 2, after })).toEqual(['3', '2']);

    // Also behind a message that is gone.
    await ann.run(remove, { id: posted[3]?.id });
    expect(await textsOf(bob, { first: 2, after })).toEqual(['3', '2']);
    expect(await textsOf(bob)).toEqual(['new', '5', '3', '2', '1']);
  });

  it('has 20 messages on a page, and at most 100', async () => {
    for (let number = 0; number < 21; number += 1) await postAs(ann, String(number));

    expect(await textsOf(ann)).toHaveLength(20);
    expect(await textsOf(ann, { first: 100 })).toHaveLength(21);
    for (const first of [0, -1, 101]) {
      const { status, body } = await ann.send(list, { first });
      expect(status).toBe(400);
      expect(body).toMatchObject({
        data: { messages: null },
        errors: [{ extensions: badInput('first') }],
      });
    }
  });

  it('rejects cursors that are not of this list', async () => {
    await postAs(ann, '1');
    const { endCursor } = (await ann.run(list)).messages.pageInfo;
    const altered = `${endCursor.slice(0, 5)}${endCursor[5] === 'A' ? 'B' : 'A'}${endCursor.slice(6)}`;
    for (const after of ['', 'x', altered, unknownId, "' or 1=1 --", 'x'.repeat(50_000)]) {
      const { status, body } = await ann.send(list, { after });
      expect(status).toBe(400);
      expect(body).toMatchObject({
        data: { messages: null },
        errors: [{ extensions: badInput('after') }],
      });
    }
  });

  it.each([
    ['empty', ''],
    ['white space', ' '],
    ['too long', 'x'.repeat(2_001)],
    ['far too long', 'x'.repeat(60_000)],
    ['a control character', 'a\u0000b'],
  ])('rejects a text: %s', async (_what, text) => {
    const { status, body } = await ann.send(post, { text });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      data: { postMessage: null },
      errors: [{ extensions: badInput('text') }],
    });
    expect(await textsOf(ann)).toEqual([]);
  });

  it('answers 200 beside other data', async () => {
    const { status, body } = await ann.send(
      '{ public { message } messages(first: 0) { totalCount } }',
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      data: { public: { message: expect.any(String) }, messages: null },
      errors: [{ path: ['messages'], extensions: badInput('first') }],
    });
  });

  it('takes SQL as what it is in every argument', async () => {
    const before = await postAs(ann, 'before');
    for (const sql of [
      "'; drop table messages; --",
      "' or '1'='1",
      '$1 ? :id %',
      "\\'; delete from messages; --",
      "'||(select text from messages)||'",
    ]) {
      const posted = await postAs(bob, sql);
      expect(posted.text).toBe(sql);
      const { editMessage } = await bob.run(edit, { id: posted.id, text: `${sql}!` });
      expect(editMessage?.text).toBe(`${sql}!`);
      expect((await bob.run(one, { id: sql })).message).toBeNull();
      expect((await bob.run(edit, { id: sql, text: sql })).editMessage).toBeNull();
      expect((await bob.run(remove, { id: sql })).deleteMessage).toBeNull();
      expect((await bob.send(list, { after: sql })).status).toBe(400);
      const key = sql.replaceAll(' ', '');
      const keyed = (await bob.run(post, { text: sql, key })).postMessage;
      expect((await bob.run(post, { text: sql, key })).postMessage).toEqual(keyed);
      await bob.run(remove, { id: posted.id });
      await bob.run(remove, { id: keyed.id });
    }
    expect((await ann.run(one, { id: before.id })).message).toEqual(before);
    expect(await textsOf(ann)).toEqual(['before']);
  });

  it('posts once with the same key', async () => {
    const variables = { text: 'Hello', key: 'key-1' };
    const responses = await Promise.all(Array.from({ length: 10 }, () => ann.run(post, variables)));
    const [first] = responses;
    for (const { postMessage } of responses) expect(postMessage).toEqual(first?.postMessage);
    expect(await textsOf(ann)).toEqual(['Hello']);

    // Keys belong to their authors.
    await bob.run(post, variables);
    expect(await textsOf(ann)).toEqual(['Hello', 'Hello']);

    for (const other of [{ text: 'Bye' }, { visibility: 'PRIVATE' }]) {
      const { status, body } = await ann.send(post, { ...variables, ...other });
      expect(status).toBe(400);
      expect(body.errors?.[0]?.extensions).toEqual(badInput('idempotencyKey'));
    }
    const id = first?.postMessage.id;
    const edited = (await ann.run(edit, { id, text: 'Changed' })).editMessage;
    expect((await ann.run(post, variables)).postMessage).toEqual(edited);
    await bob.run(remove, { id });
    expect((await ann.send(post, variables)).status).toBe(400);
    expect(await textsOf(ann)).toEqual(['Hello']);
  });

  it('says nothing about messages of others that are private', async () => {
    const { id } = await postAs(ann, 'secret', 'PRIVATE');
    for (const scope of [
      'read:messages',
      'read:messages write:messages delete:messages',
      'write:messages delete:messages',
      '',
    ]) {
      const eve = server.as('eve', scope);
      for (const query of [one, edit, hide, remove]) {
        const [secret, unknown] = await Promise.all(
          [id, unknownId].map((value) => eve.send(query, { id: value, text: 'x' })),
        );
        const { date: _date, ...headers } = secret?.headers ?? {};
        expect({ ...secret, headers }).toEqual({ ...unknown, headers });
        expect(secret?.text).not.toContain(id);
      }
    }
    expect((await ann.run(one, { id })).message?.text).toBe('secret');
  });

  it('reads nothing twice in one operation', async () => {
    const { id } = await postAs(ann, 'Hello');
    const reader = server.as('ann', 'read:messages');
    const countOf = async (operation: () => Promise<unknown>) => {
      const before = server.transactions();
      await operation();
      return server.transactions() - before;
    };

    expect(await countOf(() => reader.run('{ public { message } }'))).toBe(0);
    expect(await countOf(() => reader.run('{ messages { edges { node { text } } } }'))).toBe(1);
    expect(await countOf(() => reader.run('{ messages { a: totalCount b: totalCount } }'))).toBe(2);
    // Two policies and a change.
    expect(await countOf(() => reader.run(hide, { id }))).toBe(2);
    expect(await countOf(() => reader.send(edit, { id: unknownId, text: 'x' }))).toBe(1);
    expect(await countOf(() => reader.send(list, { first: 0 }))).toBe(0);
    expect(await countOf(() => reader.run(one, { id: "' or 1=1" }))).toBe(0);
  });

  it('sends what is posted to those who can see it, once', async () => {
    const query = 'subscription { messagePosted { author text } }';
    const streams = await Promise.all([ann.subscribe(query), bob.subscribe(query)]);
    const next = (text: string) => ({ data: { messagePosted: { author: 'ann', text } } });
    const [own, other] = streams;
    try {
      await postAs(ann, 'secret', 'PRIVATE');
      for (let count = 0; count < 2; count += 1) await ann.run(post, { text: 'first', key: '1' });
      await postAs(ann, 'second');

      for (const text of ['secret', 'first', 'second']) {
        expect(await own?.next()).toEqual(next(text));
      }
      for (const text of ['first', 'second']) expect(await other?.next()).toEqual(next(text));
    } finally {
      await Promise.all(streams.map((stream) => stream.leave()));
    }
  });

  describe('changing a message', () => {
    const reader = () => server.as('eve', 'read:messages');

    it('is for its author, without further scopes', async () => {
      const writer = server.as('eve', 'write:messages');
      const { id } = (await writer.run(post, { text: 'mine' })).postMessage;
      expect((await reader().run(edit, { id, text: 'still mine' })).editMessage?.text).toBe(
        'still mine',
      );
      expect((await reader().run(hide, { id })).editMessage?.visibility).toBe('PRIVATE');
    });

    it('requires write:messages of others', async () => {
      const { id } = await postAs(ann, 'public');
      const refused = await reader().send(edit, { id, text: 'x' });
      expect(refused.status).toBe(403);
      expect(refused.headers['www-authenticate']).toContain('scope="write:messages"');
      expect(refused.body.errors?.[0]?.extensions).toMatchObject({
        code: 'FORBIDDEN',
        scope: 'write:messages',
      });
      expect((await bob.run(edit, { id, text: 'by bob' })).editMessage).toMatchObject({
        author: 'ann',
        text: 'by bob',
      });
    });

    it('leaves it to the author who can see it', async () => {
      const { id } = await postAs(ann, 'public');
      const refused = await bob.send(hide, { id });
      expect(refused.status).toBe(403);
      expect(refused.body.errors?.[0]).toMatchObject({
        message: 'Only the author can change the visibility of a message.',
        extensions: { code: 'FORBIDDEN' },
      });
      expect((await bob.run(one, { id })).message?.visibility).toBe('PUBLIC');
    });

    it('requires something to change', async () => {
      const { id } = await postAs(ann, 'public');
      const { status, body } = await ann.send(edit, { id, text: null });
      expect(status).toBe(400);
      expect(body.errors?.[0]?.extensions).toEqual(badInput('text'));
    });
  });
}
