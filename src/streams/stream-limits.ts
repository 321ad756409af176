import type { PlaceLimits } from './places.ts';

/** How many streams, and how many WebSocket connections, there may be where nothing else is said. */
export const defaultStreamLimits: PlaceLimits = { perViewer: 100, inAll: 10_000 };
