/** The entry `graphql-resource-server/testing` of the package. */
export { type AccessExpectation, type AccessTable, expectAccess } from './expect-access.ts';
export { type ViewerTraits, viewerWith } from './viewer-with.ts';
