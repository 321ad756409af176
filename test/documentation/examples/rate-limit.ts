import { RateLimiterMemory } from 'rate-limiter-flexible';
import { type Authenticator, createGate, type RateLimiter } from '../../../src/index.ts';

const points = 300;
const windowSeconds = 60;
const viewers = new RateLimiterMemory({ points, duration: windowSeconds });

const rateLimit: RateLimiter = {
  countRequest: () => [],
  async countViewer(viewer) {
    if (viewer.kind === 'anonymous') return [];
    // Counts without rejecting: the gate compares.
    const { consumedPoints, msBeforeNext } = await viewers.penalty(viewer.id);
    const used = { used: consumedPoints, resetSeconds: msBeforeNext / 1000 };
    return [{ limit: 'viewer', points, windowSeconds, ...used }];
  },
};

export const createLimitedGate = (authenticator: Pick<Authenticator, 'authenticate'>) =>
  createGate({ authenticator, rateLimit });
