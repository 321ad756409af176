import { useCallback, useEffect, useState } from 'react';
import { listMessages, type Message, messagePosted } from '../documents.ts';
import { subscribe } from '../live.ts';
import type { ApiResponse, Send } from '../result.ts';
import { usePageVisible } from '../usePageVisible.ts';
import {
  type MessageList,
  withFirstPage,
  withMessage,
  withNextPage,
  withoutMessage,
} from './message-list.ts';

const pageSize = 10;

export interface Messages {
  /** Undefined until the first page is loaded. */
  readonly list: MessageList<Message> | undefined;
  readonly isLoading: boolean;
  /** The last response, if it had no page. */
  readonly problem: ApiResponse<unknown> | undefined;
  /** Whether new messages arrive by themselves. */
  readonly isLive: boolean;
  /** The last message that arrived by itself. */
  readonly arrived: Message | undefined;
  /** Loads again what could not be loaded. */
  readonly retry: () => Promise<void>;
  readonly loadMore: () => Promise<void>;
  /** Shows a message that this user has posted or edited. */
  readonly show: (message: Message) => void;
  readonly remove: (id: string) => void;
}

/** The list of messages. New ones arrive by themselves while the page is visible. */
export function useMessages(send: Send): Messages {
  const [list, setList] = useState<MessageList<Message>>();
  const [isLoading, setIsLoading] = useState(true);
  const [problem, setProblem] = useState<{
    readonly response: ApiResponse<unknown>;
    readonly after: string | null;
  }>();
  const [isLive, setIsLive] = useState(false);
  const [arrived, setArrived] = useState<Message>();

  const loadPage = useCallback(
    async (after: string | null) => {
      setIsLoading(true);
      const response = await send(listMessages, { first: pageSize, after });
      setIsLoading(false);
      const page = response.data?.messages;
      setProblem(page ? undefined : { response, after });
      if (!page) return;
      setList((list) => (list && after ? withNextPage(list, page) : withFirstPage(list, page)));
    },
    [send],
  );
  const load = useCallback(() => loadPage(null), [loadPage]);
  useEffect(() => void load(), [load]);

  const isVisible = usePageVisible();
  const isAllowed = list !== undefined;
  useEffect(() => {
    if (!isAllowed || !isVisible) return undefined;
    return subscribe(messagePosted, {
      onConnection(isConnected) {
        setIsLive(isConnected);
        // What was posted before is not sent again.
        if (isConnected) void load();
      },
      onEvent({ data }) {
        const message = data?.messagePosted;
        if (!message) return;
        setArrived(message);
        setList((list) => list && withMessage(list, message));
      },
    });
  }, [isAllowed, isVisible, load]);

  return {
    list,
    isLoading,
    problem: problem?.response,
    isLive,
    arrived,
    retry: () => loadPage(problem?.after ?? null),
    loadMore: () => loadPage(list?.endCursor ?? null),
    show: (message) => setList((list) => list && withMessage(list, message)),
    remove: (id) => setList((list) => list && withoutMessage(list, id)),
  };
}
